package credential

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/fairway-gateway/fairway/accounts"
)

// GoogleScope is what Google's AI services want of service accounts (Google "OAuth 2.0 Scopes for Google APIs").
const GoogleScope = "https://www.googleapis.com/auth/cloud-platform"

// GoogleConfig says where a Google credential comes from. Exactly one of File and Default is set.
type GoogleConfig struct {
	// File is a credentials file in JSON: the key of a service account, a user's credentials as gcloud writes them, or a
	// configuration of workload identity federation.
	File string
	// Default means Application Default Credentials: $GOOGLE_APPLICATION_CREDENTIALS, what `gcloud auth
	// application-default login` left behind, or the metadata server of the machine.
	Default bool
	// Scopes default to [GoogleScope].
	Scopes []string
	// Proxy is the URL of an outbound proxy, "" for the process's default.
	Proxy string
}

// googleTypes are the files that are understood ("type").
var googleTypes = [...]google.CredentialsType{google.ServiceAccount, google.AuthorizedUser, google.ExternalAccount,
	google.ExternalAccountAuthorizedUser, google.ImpersonatedServiceAccount}

// NewGoogle returns the credential. A file is read and checked at once; Application Default Credentials are looked for when
// the first token is needed, as that may go over the network.
func NewGoogle(cfg GoogleConfig) (*Fetched, error) {
	scopes := cfg.Scopes
	if len(scopes) == 0 {
		scopes = []string{GoogleScope}
	}
	client := newClient(cfg.Proxy)
	if cfg.Default == (cfg.File != "") {
		return nil, errors.New("checking google: it needs either credentials_file or adc")
	}
	if cfg.Default {
		return newFetched("google:adc", "adc\x00"+cfg.Proxy+"\x00"+strings.Join(scopes, " "), func(ctx context.Context) (access, error) {
			ctx = googleContext(ctx, client)
			c, err := google.FindDefaultCredentials(ctx, scopes...)
			if err != nil {
				return access{}, &accounts.CredentialError{Reason: "there are no Application Default Credentials",
					Hint: "run `gcloud auth application-default login` or set GOOGLE_APPLICATION_CREDENTIALS"}
			}
			return googleToken(c.TokenSource, "run `gcloud auth application-default login` again, or check the machine's clock")
		}), nil
	}
	data, err := os.ReadFile(cfg.File)
	if err != nil {
		return nil, fmt.Errorf("reading credentials_file: %w", err)
	}
	var file struct {
		Type  google.CredentialsType `json:"type"`
		Email string                 `json:"client_email"`
		ID    string                 `json:"client_id"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("reading credentials_file %s: it is no JSON object", cfg.File)
	}
	if !slices.Contains(googleTypes[:], file.Type) {
		return nil, fmt.Errorf("reading credentials_file %s: its type is not one of %v", cfg.File, googleTypes)
	}
	load := func(ctx context.Context) (*google.Credentials, error) {
		return google.CredentialsFromJSONWithType(googleContext(ctx, client), data, file.Type, scopes...)
	}
	if _, err := load(context.Background()); err != nil {
		return nil, fmt.Errorf("reading credentials_file %s: it is not complete", cfg.File)
	}
	if file.Type == google.ServiceAccount {
		if err := checkServiceAccount(data); err != nil {
			return nil, fmt.Errorf("reading credentials_file %s: %w", cfg.File, err)
		}
	}
	shown := "google:" + cmp.Or(file.Email, string(file.Type))
	return newFetched(shown, string(data)+"\x00"+cfg.Proxy+"\x00"+strings.Join(scopes, " "), func(ctx context.Context) (access, error) {
		c, err := load(ctx)
		if err != nil {
			return access{}, &accounts.CredentialError{Reason: "the Google credentials file is not complete", Hint: "download it anew"}
		}
		return googleToken(c.TokenSource, "check that the key still exists and that the machine's clock is right")
	}), nil
}

// checkServiceAccount finds out at once what would otherwise come out with the first request.
func checkServiceAccount(data []byte) error {
	cfg, err := google.JWTConfigFromJSON(data)
	if err != nil {
		return errors.New("it is not complete")
	}
	if err := checkEndpointURL(cfg.TokenURL); err != nil {
		return fmt.Errorf("its token_uri %w", err)
	}
	block, _ := pem.Decode(cfg.PrivateKey)
	if block == nil {
		return errors.New("its private_key is not in PEM form")
	}
	if _, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		return nil
	}
	if _, err := x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
		return errors.New("its private_key cannot be read")
	}
	return nil
}

func googleContext(ctx context.Context, client *http.Client) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, client)
}

// googleToken asks a source that has been made for this one request, so that it has no token of its own to repeat.
func googleToken(source oauth2.TokenSource, hint string) (access, error) {
	issued := time.Now().Round(0)
	t, err := source.Token()
	if err != nil {
		return access{}, ungranted(endpointError(err), hint)
	}
	g := Grant{}.successor(t, issued)
	return g.access(), nil
}
