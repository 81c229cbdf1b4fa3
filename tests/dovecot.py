"""A Dovecot of our own for a while: one box over IMAP on this machine, in a temporary folder, gone afterwards."""

from __future__ import annotations

import getpass
import grp
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

from imap_tools.mailbox import MailBoxUnencrypted

from tests.ports import free_port

USER, PASSWORD = "tugi", "postkast-proov"
UNPRIVILEGED = "nobody"  # the box is nobody's where we are root: Dovecot gives no mail to root
LONGEST_START = 60  # seconds


def program() -> str | None:
    """Where Debian puts it is not in everybody's PATH. None where there is none."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return found


class Dovecot:
    """Runs while the block does."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> Dovecot:
        self.folder = Path(tempfile.mkdtemp(prefix="abiline-dovecot-"))
        self.folder.chmod(0o755)
        owner = pwd.getpwnam(UNPRIVILEGED if os.geteuid() == 0 else getpass.getuser())
        group = grp.getgrgid(owner.pw_gid).gr_name
        self.port = free_port()
        (self.folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}:{owner.pw_uid}:{owner.pw_gid}::{self.folder}/home::\n", encoding="ascii")
        (self.folder / "home").mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.folder / "home", owner.pw_uid, owner.pw_gid)
        (self.folder / "dovecot.conf").write_text(self._config(owner.pw_name, group), encoding="ascii")
        self._process = subprocess.Popen([self._path, "-F", "-c", str(self.folder / "dovecot.conf")], stderr=subprocess.DEVNULL)
        self._wait_until_open()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"imap://{USER}:{PASSWORD}@127.0.0.1:{self.port}/INBOX"

    def mailbox(self) -> MailBoxUnencrypted:
        """The box as its owner sees it in another program."""
        made = MailBoxUnencrypted("127.0.0.1", self.port, timeout=10)
        made.login(USER, PASSWORD)
        return made

    def _config(self, user: str, group: str) -> str:
        base = self.folder
        login = f"default_login_user = {user}\ndefault_internal_user = {user}\ndefault_internal_group = {group}\n"
        return f"""
protocols = imap
listen = 127.0.0.1
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
{login}
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:~/mail
mail_fsync = never
first_valid_uid = 1
first_valid_gid = 1
mailbox_list_index = no
passdb {{
  driver = passwd-file
  args = {base}/users
}}
userdb {{
  driver = passwd-file
  args = {base}/users
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""

    def _wait_until_open(self) -> None:
        began = time.monotonic()
        while True:
            try:
                self.mailbox().logout()
            except OSError:
                if time.monotonic() - began > LONGEST_START or self._process.poll() is not None:
                    log = self.folder / "log"
                    said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
                    raise RuntimeError(f"Dovecot did not start: {said}") from None
                time.sleep(0.05)
            else:
                return
