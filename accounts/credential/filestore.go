package credential

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// FileStore is a [TokenStore] in a directory: a sealed file for each account, replaced as a whole, and a lock file beside
// it that holds for all processes of the machine.
type FileStore struct {
	dir   string
	vault *Vault
}

// NewFileStore returns the store in dir, which is made when something is first saved. The vault's own key, if it needs
// one, is secret.key in the same directory.
func NewFileStore(dir string) *FileStore {
	return &FileStore{dir: dir, vault: NewVault(filepath.Join(dir, "secret.key"))}
}

// Dir returns the store's directory.
func (s *FileStore) Dir() string { return s.dir }

// Load implements [TokenStore].
func (s *FileStore) Load(_ context.Context, account string) (Grant, error) {
	data, err := readPrivate(s.path(account, ".token"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Grant{}, ErrNoGrant
	case err != nil:
		return Grant{}, fmt.Errorf("reading stored token: %w", err)
	}
	return s.vault.Open(account, data)
}

// Save implements [TokenStore]. The caller must hold the lock. A grant that cannot be read any more counts as none, so that
// a new login can replace it.
func (s *FileStore) Save(ctx context.Context, account string, g Grant) error {
	have, err := s.Load(ctx, account)
	if err != nil && !errors.Is(err, ErrNoGrant) && g.Generation != 1 {
		return err
	}
	if have.Generation+1 != g.Generation {
		return ErrStale
	}
	return s.write(account, g)
}

// write stores a grant in place of whatever is there.
func (s *FileStore) write(account string, g Grant) error {
	data, err := s.vault.Seal(account, g)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("storing token: %w", err)
	}
	path := s.path(account, ".token")
	temp, err := writeTemp(path, data)
	if err != nil {
		return fmt.Errorf("storing token: %w", err)
	}
	if err := os.Rename(temp, path); err != nil {
		os.Remove(temp)
		return fmt.Errorf("storing token: %w", err)
	}
	if err := syncDir(s.dir); err != nil {
		return fmt.Errorf("storing token: %w", err)
	}
	return nil
}

// lockPause is how often a lock that others hold is tried again.
const lockPause = 25 * time.Millisecond

// Lock implements [TokenStore].
func (s *FileStore) Lock(ctx context.Context, account string) (func(), error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("locking stored token: %w", err)
	}
	f, err := os.OpenFile(s.path(account, ".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking stored token: %w", err)
	}
	for {
		held, err := tryLock(f)
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("locking stored token: %w", err)
		}
		if held {
			return func() { f.Close() }, nil // which gives the lock up
		}
		select {
		case <-time.After(lockPause):
		case <-ctx.Done():
			f.Close()
			return nil, context.Cause(ctx)
		}
	}
}

// path names an account's file: its own name as far as every file system takes it, and a digest that tells the others.
func (s *FileStore) path(account, suffix string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '_'
	}, account)
	return filepath.Join(s.dir, name+"-"+digest("account " + account)[:8]+suffix)
}

// writeTemp writes data beside path, durably, for its owner alone.
func writeTemp(path string, data []byte) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// syncDir makes a rename last.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be opened there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
