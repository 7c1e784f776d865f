"""What can go wrong with the Asterisk of this machine, each in one sentence that also says what to do.

CallwrightError
  AsteriskError
    AsteriskNotInstallable   AsteriskInstallFailed
    PlanInvalid
    PortTaken   AsteriskNotRunning   AsteriskDidNotStart   AsteriskDidNotStop
    ConfigurationNotLoaded   RestartNeeded   ControlSocketSilent   RunFolderUnsafe
"""

from __future__ import annotations

from crm_core.kernel.errors import CallwrightError


class AsteriskError(CallwrightError):
    """Something is wrong with Asterisk."""

    code = "asterisk.error"


class AsteriskNotInstallable(AsteriskError):
    """No Asterisk 18 or newer could be found for this machine: {why}. Install one yourself and put it on PATH."""

    code = "asterisk.not_installable"


class AsteriskInstallFailed(AsteriskError):
    """Installing Asterisk failed while {doing}: {why}. Mend that and run it again."""

    code = "asterisk.install_failed"


class PlanInvalid(AsteriskError):
    """Asterisk cannot be configured so: {why}."""

    code = "asterisk.plan_invalid"


class PortTaken(AsteriskError):
    """Port {port}/{protocol} ({purpose}) on {host} is taken: stop that program, or choose another --port-offset."""

    code = "asterisk.port_taken"


class AsteriskNotRunning(AsteriskError):
    """No Asterisk of {directory} is running: start it with `callwright asterisk start`."""

    code = "asterisk.not_running"


class AsteriskDidNotStart(AsteriskError):
    """Asterisk did not start: {why}. Its own words are in {log}."""

    code = "asterisk.did_not_start"


class AsteriskDidNotStop(AsteriskError):
    """Asterisk (process {pid}) is still there after it was killed: look at the machine with `ps`."""

    code = "asterisk.did_not_stop"


class ConfigurationNotLoaded(AsteriskError):
    """Asterisk runs but did not take all of our configuration: {why}. Its own words are in {log}."""

    code = "asterisk.configuration_not_loaded"


class RestartNeeded(AsteriskError):
    """The Asterisk that runs already (process {pid}) is configured otherwise: {why}. Stop it and start it again."""

    code = "asterisk.restart_needed"


class ControlSocketSilent(AsteriskError):
    """Asterisk did not answer {command!r} on its control socket within {seconds} s: it hangs or is overloaded."""

    code = "asterisk.control_socket_silent"


class RunFolderUnsafe(AsteriskError):
    """The folder {folder}, through which Asterisk is commanded, {why}: remove it, or choose another --home."""

    code = "asterisk.run_folder_unsafe"
