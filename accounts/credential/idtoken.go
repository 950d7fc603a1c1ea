package credential

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// clockSkew is how far the provider's clock may be away from ours.
const clockSkew = 5 * time.Minute

// checkIDToken checks that an ID token was made for this client and this login (OpenID Connect Core 1.0, section 3.1.3.7).
// Its signature need not be checked, as it came from the token endpoint itself over TLS (number 6 there). nonce is "" where
// none was sent.
func checkIDToken(raw, clientID, nonce string, now time.Time) error {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return errors.New("the ID token is not in a known form")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return errors.New("the ID token is not in a known form")
	}
	var claims struct {
		Audience jsontext.Value `json:"aud"`
		Expiry   float64        `json:"exp"`
		Nonce    string         `json:"nonce"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return errors.New("the ID token is not in a known form")
	}
	var audience []string
	if claims.Audience.Kind() == '"' {
		audience = make([]string, 1)
		err = json.Unmarshal(claims.Audience, &audience[0])
	} else {
		err = json.Unmarshal(claims.Audience, &audience)
	}
	switch {
	case err != nil || !slices.Contains(audience, clientID):
		return errors.New("the ID token was made for another client")
	case subtle.ConstantTimeCompare([]byte(claims.Nonce), []byte(nonce)) != 1 && nonce != "":
		return errors.New("the ID token belongs to another login (its nonce does not match); start again")
	case now.Add(-clockSkew).After(time.Unix(int64(claims.Expiry), 0)):
		return errors.New("the ID token has expired; check the machine's clock")
	}
	return nil
}
