package credential

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func aGrant(generation int64) Grant {
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	return Grant{ID: "id", Generation: generation, ClientID: "c", TokenURL: "https://t.example/", Seed: "s",
		RefreshToken: "the-refresh-token", AccessToken: "the-access-token", Issued: at, Expiry: at.Add(time.Hour)}
}

func TestTokenStores(t *testing.T) {
	for name, store := range map[string]TokenStore{"memory": new(MemoryStore), "file": NewFileStore(filepath.Join(t.TempDir(), "a", "b"))} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			if _, err := store.Load(ctx, "me"); !errors.Is(err, ErrNoGrant) {
				t.Errorf("at first: got %v", err)
			}
			if err := store.Save(ctx, "me", aGrant(1)); err != nil {
				t.Fatal(err)
			}
			if got, err := store.Load(ctx, "me"); err != nil || got != aGrant(1) {
				t.Errorf("got %+v, %v", got, err)
			}
			if err := store.Save(ctx, "me", aGrant(1)); !errors.Is(err, ErrStale) {
				t.Errorf("the same generation again: got %v", err)
			}
			if err := store.Save(ctx, "me", aGrant(3)); !errors.Is(err, ErrStale) {
				t.Errorf("a generation left out: got %v", err)
			}
			if err := store.Save(ctx, "me", aGrant(2)); err != nil {
				t.Error(err)
			}
			if _, err := store.Load(ctx, "ME"); !errors.Is(err, ErrNoGrant) {
				t.Errorf("another account: got %v", err)
			}

			// One at a time, and whoever waits can stop waiting.
			unlock, err := store.Lock(ctx, "me")
			if err != nil {
				t.Fatal(err)
			}
			brief, cancel := context.WithTimeout(ctx, time.Millisecond)
			defer cancel()
			if _, err := store.Lock(brief, "me"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a second lock: got %v", err)
			}
			if other, err := store.Lock(ctx, "other"); err != nil {
				t.Error(err)
			} else {
				other()
			}
			unlock()
			var wait sync.WaitGroup
			held, most := 0, 0
			var mu sync.Mutex
			for range 8 {
				wait.Go(func() {
					unlock, err := store.Lock(ctx, "me")
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					held++
					most = max(most, held)
					mu.Unlock()
					mu.Lock()
					held--
					mu.Unlock()
					unlock()
				})
			}
			wait.Wait()
			if most != 1 {
				t.Errorf("%d held the lock at once", most)
			}
		})
	}
}

func TestFileStoreKeepsSecrets(t *testing.T) {
	t.Setenv(SecretKeyVariable, "")
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	dir := t.TempDir()
	store := NewFileStore(dir)
	if err := store.Save(t.Context(), "me/..x", aGrant(1)); err != nil {
		t.Fatal(err)
	}
	count := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		count++
		info, _ := d.Info()
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		data, err := os.ReadFile(path)
		for _, secret := range []string{"the-refresh", "the-access", "t.example"} {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s holds %s", path, secret)
			}
		}
		return err
	})
	if err != nil || count != 2 {
		t.Errorf("%d files, want the token and the key: %v", count, err)
	}

	file := store.path("me/..x", ".token")
	sealed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	refuse := func(what, want string) {
		t.Helper()
		if _, err := store.Load(t.Context(), "me/..x"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", what, err, want)
		}
	}
	damaged := bytes.Clone(sealed)
	damaged[len(damaged)-1] ^= 1
	os.WriteFile(file, damaged, 0o600)
	refuse("damaged", "damaged or belongs to another account")
	os.WriteFile(file, []byte("{}"), 0o600)
	refuse("foreign", "not in a known form")
	os.WriteFile(file, sealed, 0o600)
	os.Chmod(file, 0o644)
	refuse("readable", "can be read by others (mode 0644); run chmod 600")
	os.Chmod(file, 0o600)
	os.WriteFile(store.path("other", ".token"), sealed, 0o600)
	if _, err := store.Load(t.Context(), "other"); err == nil {
		t.Error("one account's token is taken for another's")
	}
	os.Chmod(filepath.Join(dir, "secret.key"), 0o640)
	refuse("readable key", "can be read by others")
	os.Remove(filepath.Join(dir, "secret.key"))
	refuse("lost key", "no such file")
	if _, err := os.Stat(filepath.Join(dir, "secret.key")); err == nil {
		t.Error("reading has made a key")
	}
}

func TestVaultKeys(t *testing.T) {
	dir := t.TempDir()
	vault := NewVault(filepath.Join(dir, "secret.key"))
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	t.Setenv(SecretKeyVariable, "short")
	if _, err := vault.Seal("me", aGrant(1)); err == nil || !strings.Contains(err.Error(), "at least 32 characters") {
		t.Errorf("short key: got %v", err)
	}
	t.Setenv(SecretKeyVariable, strings.Repeat("k", 32))
	byVariable, err := vault.Seal("me", aGrant(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(SecretKeyVariable, "")
	os.WriteFile(filepath.Join(dir, SecretKeyCredential), []byte(strings.Repeat("k", 32)+"\n"), 0o400)
	if got, err := vault.Open("me", byVariable); err != nil || got != aGrant(1) {
		t.Errorf("the same key as a systemd credential: got %v, %v", got, err)
	}
	if _, err := vault.Open("you", byVariable); err == nil {
		t.Error("the account does not count")
	}
	again, _ := vault.Seal("me", aGrant(1))
	if bytes.Equal(again, byVariable) {
		t.Error("sealing twice gives the same bytes")
	}
	if _, err := os.Stat(filepath.Join(dir, "secret.key")); err == nil {
		t.Error("a key was made beside the one that was given")
	}
}
