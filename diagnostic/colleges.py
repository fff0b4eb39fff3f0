"""How a group ranks, and who speaks: the words of ballots, read by the models and by what counts them."""

from django.db import models


class Method(models.TextChoices):
    MATRIX = "matrix", "Importance × faisabilité, de 1 à 5"
    VOTES = "votes", "Votes par collège, trois voix chacun"


class College(models.TextChoices):
    ELECTED = "elected", "Élus"
    INSTITUTIONS = "institutions", "Institutions"
    ASSOCIATIONS = "associations", "Associations"
    RESIDENTS = "residents", "Habitants"
