"""The settings of workspaces as last read in this process, so that each version is decoded once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Lock

from signoff.core.words import WorkspaceId
from signoff.core.workspace import WorkspaceSettings
from signoff.engine.records import read_settings

_MOST = 1_000


class Remembered:
    """The latest settings of a bounded number of workspaces.

    Never believed: every batch asks the database which version is the latest, and reads the
    document anew where it is another than the one here.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[WorkspaceId, WorkspaceSettings] = {}

    def of(self, workspaces: Iterable[WorkspaceId]) -> Mapping[WorkspaceId, WorkspaceSettings]:
        """What is remembered of each of them, if only that nothing was ever set."""
        with self._lock:
            return {each: self._kept.get(each, _NOTHING_SET) for each in sorted(workspaces)}

    def read(self, workspace: WorkspaceId, document: str) -> WorkspaceSettings:
        """Decode the latest version, and remember it."""
        settings = read_settings(document)
        with self._lock:
            self._kept.pop(workspace, None)
            while len(self._kept) >= _MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[workspace] = settings
        return settings

    def forget(self) -> None:
        """Forget everything: what was read may never have come to be."""
        with self._lock:
            self._kept.clear()


_NOTHING_SET = WorkspaceSettings()
