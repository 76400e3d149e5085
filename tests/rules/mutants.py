"""The defects that the rules must find, each one planted alone in the good service.

`plant` sets paths of a template (`answers`: of the answers) to a value; DROP takes them away.
`at` is where the finding must point: a path of the mutated file. When not given it is what was
planted or, where something was taken away, the resource.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.rules.planting import DROP


@dataclass(frozen=True)
class Mutant:
    """One defect."""

    rule: str
    resource: str
    plant: dict[str, str | None] = field(default_factory=dict)
    at: str | None = None
    answers: dict[str, str | None] = field(default_factory=dict)
    file: str = "template"
    kind: str | None = None  # whose function has it, in a service of few others

    @property
    def place(self) -> str:
        """The path at whose line the finding stands."""
        planted = [path for path, value in self.plant.items() if value is not DROP]
        alone = len(self.plant) == len(planted) == 1
        return self.at or (planted[0] if alone else f"Resources.{self.resource}")

    def __str__(self) -> str:
        return f"{self.rule} {' '.join([*self.plant, *self.answers])}"


WORKER = "WorkerRole.Policies.0.PolicyDocument.Statement"
CODEDEPLOY = "Resources.CodeDeployRole"
EXCUSE = "{golden-path: {%s: %s}}"
REASON = "Made before queues were split and gone by spring."
