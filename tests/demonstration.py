"""The demonstration, loaded once for a module of tests and rolled back after it."""

from dataclasses import dataclass

from territory.models import Ctg


@dataclass(frozen=True)
class Demonstration:
    signed: Ctg
    in_force: Ctg
    in_preparation: Ctg
    elsewhere: Ctg

    @property
    def caf_code(self) -> str:
        return self.signed.caf.code

    @property
    def ctgs(self) -> list[Ctg]:
        """Those of the first Caf."""
        return [self.signed, self.in_force, self.in_preparation]
