package pgtest

import "syscall"

// tie makes the server shut down at once when the thread that started it ends.
func tie(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
