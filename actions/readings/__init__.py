"""The plan read from each side: boards, table, time, money, chain. Everything starts from one ``PlanContent``."""
