package accounts

import "github.com/go-json-experiment/json"

type publicAccount struct {
	Name       string `json:"name"`
	Provider   string `json:"provider"`
	Credential string `json:"credential,omitzero"`
	Unusable   string `json:"unusable,omitzero"`
}

func marshalPublic(a *Account) ([]byte, error) {
	return json.Marshal(publicAccount{a.Name, a.Provider, a.Credential.Fingerprint(), a.Unusable})
}
