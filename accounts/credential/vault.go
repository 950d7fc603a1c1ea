package credential

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// SecretKeyVariable is the environment variable that may hold the key of stored tokens: at least [shortestKey] characters
// ("openssl rand -base64 32" makes a good one).
const SecretKeyVariable = "FAIRWAY_SECRET_KEY"

// SecretKeyCredential is the name of the systemd credential that may hold the key (LoadCredential= in systemd.exec).
const SecretKeyCredential = "fairway-secret-key"

const shortestKey = 32

// Vault seals grants with AES-256-GCM. Its key is that of [SecretKeyVariable], else of the systemd credential
// [SecretKeyCredential], else of a file that is made when something is first sealed and that only its owner may read.
type Vault struct{ keyFile string }

// NewVault returns a vault whose own key, if it needs one, lies at keyFile.
func NewVault(keyFile string) *Vault { return &Vault{keyFile: keyFile} }

// sealedGrant is a grant as it is stored.
type sealedGrant struct {
	ID           string    `json:"id"`
	Generation   int64     `json:"generation"`
	ClientID     string    `json:"client_id"`
	TokenURL     string    `json:"token_url"`
	Seed         string    `json:"seed,omitzero"`
	RefreshToken string    `json:"refresh_token,omitzero"`
	AccessToken  string    `json:"access_token,omitzero"`
	Issued       time.Time `json:"issued,omitzero"`
	Expiry       time.Time `json:"expiry,omitzero"`
}

// A sealed grant is sealedMagic, the key's name, a nonce and the ciphertext. The account's name is authenticated with it, so
// that one account's grant cannot be put in another's place.
const (
	sealedMagic   = "fairway grant 1\n"
	keyNameLength = 8
)

// Seal encrypts a grant for storage, making the key file if there is no key yet.
func (v *Vault) Seal(account string, g Grant) ([]byte, error) {
	key, err := v.key(true)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(sealedGrant(g))
	if err != nil {
		return nil, errors.New("sealing grant: it cannot be encoded")
	}
	out := append([]byte(sealedMagic), key.name...)
	return key.aead.Seal(out, nil, plain, associated(account)), nil
}

// Open decrypts what [Vault.Seal] has made.
func (v *Vault) Open(account string, data []byte) (Grant, error) {
	rest, ok := bytes.CutPrefix(data, []byte(sealedMagic))
	if !ok || len(rest) < keyNameLength {
		return Grant{}, errors.New("opening stored token: it is not in a known form")
	}
	key, err := v.key(false)
	if err != nil {
		return Grant{}, err
	}
	if !bytes.Equal(rest[:keyNameLength], key.name) {
		return Grant{}, fmt.Errorf("opening stored token: it was sealed with another key than that of %s; use one key for the "+
			"gateway and for `caddy ai login`, or log in again", key.from)
	}
	plain, err := key.aead.Open(nil, nil, rest[keyNameLength:], associated(account))
	if err != nil {
		return Grant{}, errors.New("opening stored token: it has been damaged or belongs to another account")
	}
	var g sealedGrant
	if err := json.Unmarshal(plain, &g); err != nil {
		return Grant{}, errors.New("opening stored token: it is not in a known form")
	}
	return Grant(g), nil
}

func associated(account string) []byte { return []byte(sealedMagic + account) }

type vaultKey struct {
	from string
	name []byte // tells keys apart without revealing them
	aead cipher.AEAD
}

func (v *Vault) key(create bool) (vaultKey, error) {
	secret, from, err := v.secret(create)
	if err != nil {
		return vaultKey{}, err
	}
	if len(secret) < shortestKey {
		return vaultKey{}, fmt.Errorf("reading %s: the key must have at least %d characters (make one with: openssl rand -base64 32)", from, shortestKey)
	}
	raw, err := hkdf.Key(sha256.New, []byte(secret), nil, "fairway token store", 32)
	if err != nil {
		return vaultKey{}, fmt.Errorf("deriving the key of stored tokens: %w", err)
	}
	name, err := hkdf.Key(sha256.New, []byte(secret), nil, "fairway key name", keyNameLength)
	if err != nil {
		return vaultKey{}, fmt.Errorf("deriving the key of stored tokens: %w", err)
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return vaultKey{}, fmt.Errorf("preparing the key of stored tokens: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return vaultKey{}, fmt.Errorf("preparing the key of stored tokens: %w", err)
	}
	return vaultKey{from, name, aead}, nil
}

// secret finds the key, and says where.
func (v *Vault) secret(create bool) (secret, from string, err error) {
	if s := strings.TrimSpace(os.Getenv(SecretKeyVariable)); s != "" {
		return s, "environment variable " + SecretKeyVariable, nil
	}
	if dir := os.Getenv("CREDENTIALS_DIRECTORY"); dir != "" {
		data, err := os.ReadFile(filepath.Join(dir, SecretKeyCredential))
		if err == nil {
			return strings.TrimSpace(string(data)), "systemd credential " + SecretKeyCredential, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", "", fmt.Errorf("reading systemd credential %s: %w", SecretKeyCredential, err)
		}
	}
	from = "file " + v.keyFile
	data, err := readPrivate(v.keyFile)
	if errors.Is(err, fs.ErrNotExist) && create {
		if err = makeKeyFile(v.keyFile); err == nil {
			data, err = readPrivate(v.keyFile)
		}
	}
	if err != nil {
		return "", "", fmt.Errorf("reading the key of stored tokens (%s is not set): %w", SecretKeyVariable, err)
	}
	return strings.TrimSpace(string(data)), from, nil
}

// readPrivate reads a file that nobody but its owner may read, as ssh does with its keys.
func readPrivate(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others (mode %04o); run chmod 600 %s", path, info.Mode().Perm(), path)
	}
	return os.ReadFile(path)
}

// makeKeyFile writes a random key, unless another process is quicker.
func makeKeyFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	temp, err := writeTemp(path, []byte(rand.Text()+rand.Text()+"\n"))
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.Link(temp, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(filepath.Dir(path))
}
