"""A Ctg that nobody wrote before the test: its names and its figures are drawn, from a seed that the test prints.

What would be rare in a draw is either never drawn (two names alike) or drawn as often as not (an amount without cents).
"""

import os
import random
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

SYLLABLES = ("ba", "lo", "mi", "ré", "ta", "vou", "chan", "del", "pui", "ser", "gon", "fré")


@dataclass
class Invented:
    seed: int
    today: date
    chance: random.Random = field(init=False)
    words: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.chance, self.words = random.Random(self.seed), set()
        number = self.chance.randint
        self.name = f"Vallée {self.word()}-{number(100, 999)}"
        self.lead, self.guest = self.person("coop"), self.person("partenaire")
        self.epci_name, self.president = f"Communauté de communes {self.word()}", self.person("")[0]
        self.contribution, self.finding = f"Idée {self.word()}.", f"Constat {self.word()}"
        self.priority, self.summary = f"Priorité {self.word()}", f"Synthèse {self.word()}."
        self.project, self.axis = f"Projet {self.word()}.", f"Axe {self.word()}"
        self.objective, self.action = f"Objectif {self.word()}", f"Action {self.word()}"
        self.review = f"Bilan {self.word()}."
        self.population, self.households = number(10_000, 60_000), number(2_000, 9_000)
        self.percents = self.chance.sample(range(3, 97), 6)  # one for each key indicator, all different
        self.services, self.project_aid = [self.euros(), self.euros()], self.euros()
        self.gap = self.euros(1_001, 9_999)
        self.cost, self.caf_share = self.euros(), self.euros(1_000, 10_000)
        self.baseline, self.goal, self.measure = number(10, 99), number(600, 999), number(100, 599)
        self.percent_done = number(11, 99)

    @property
    def services_total(self) -> Decimal:
        return sum(self.services, Decimal(0))

    @property
    def stated(self) -> Decimal:
        """What the Caf announced, which is not the sum of its lines."""
        return self.services_total - self.gap

    @property
    def own_share(self) -> Decimal:
        return self.cost - self.caf_share

    @property
    def year(self) -> int:
        """The first year of the convention, which is over: it can be judged."""
        return self.today.year - 1

    @property
    def period(self) -> tuple[date, date]:
        return date(self.year, 1, 1), date(self.year + 3, 12, 31)

    @property
    def meeting_days(self) -> list[date]:
        """One for each of the five milestones that « Nouvelle Ctg » proposes."""
        return [date(self.year, month, 15) for month in range(1, 6)]

    def word(self) -> str:
        """Syllables that make no word, and that no other name holds, so that finding it proves something."""
        drawn = "".join(self.chance.choices(SYLLABLES, k=4)).capitalize()
        if drawn in self.words:
            return self.word()
        self.words.add(drawn)
        return drawn

    def person(self, local: str) -> tuple[str, str]:
        return f"{self.word()} {self.word()}", f"{local}-{self.seed}@essai.example"

    def euros(self, least: int = 20_001, most: int = 900_000) -> Decimal:
        return self.chance.randint(least, most) + self.chance.choice([0, self.chance.randint(1, 99)]) / Decimal(100)


def invent(today: date) -> Invented:
    seed = int(os.environ.get("CTG_SEED") or random.SystemRandom().randrange(10**6))
    print(f"CTG_SEED={seed}")  # noqa: T201 — pytest shows it when the test fails
    return Invented(seed, today)
