//go:build !windows && (!unix || solaris || illumos || aix)

package credential

import (
	"errors"
	"os"
)

// tryLock fails where the system has no lock that ends with its process: refreshing unlocked could lose a login.
func tryLock(*os.File) (bool, error) {
	return false, errors.New("this operating system has no file locks")
}
