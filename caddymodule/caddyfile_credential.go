package caddymodule

import (
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// unmarshalOAuth reads an account's OAuth client. Syntax:
//
//	oauth {
//		client_id     <id>
//		client_secret <secret>
//		refresh_token <token>
//		auth_url      <url>
//		device_url    <url>
//		token_url     <url>
//		scopes        <scope>...
//		auth_style    post|basic
//		grant         refresh_token|client_credentials
//	}
func unmarshalOAuth(d *caddyfile.Dispenser) (*inventory.OAuthConfig, error) {
	if err := noArg(d); err != nil {
		return nil, err
	}
	c := new(inventory.OAuthConfig)
	once := make(seen)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		name := d.Val()
		if name != "scopes" {
			if err := once.check(d, name); err != nil {
				return nil, err
			}
		}
		var err error
		switch name {
		case "client_id":
			err = oneArg(d, &c.ClientID)
		case "client_secret":
			err = oneArg(d, &c.ClientSecret)
		case "refresh_token":
			err = oneArg(d, &c.RefreshToken)
		case "auth_url":
			err = oneArg(d, &c.AuthURL)
		case "device_url":
			err = oneArg(d, &c.DeviceURL)
		case "token_url":
			err = oneArg(d, &c.TokenURL)
		case "scopes":
			err = listArg(d, &c.Scopes)
		case "auth_style":
			err = oneArg(d, &c.AuthStyle)
		case "grant":
			err = oneArg(d, &c.Grant)
		default:
			err = unknown(d, "oauth", "client_id, client_secret, refresh_token, auth_url, device_url, token_url, scopes, auth_style, grant")
		}
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// unmarshalGoogle reads where an account's Google credentials are. Syntax:
//
//	google {
//		credentials_file <path>
//		adc
//		scopes <scope>...
//	}
func unmarshalGoogle(d *caddyfile.Dispenser) (*inventory.GoogleConfig, error) {
	if err := noArg(d); err != nil {
		return nil, err
	}
	c := new(inventory.GoogleConfig)
	once := make(seen)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		name := d.Val()
		if name != "scopes" {
			if err := once.check(d, name); err != nil {
				return nil, err
			}
		}
		var err error
		switch name {
		case "credentials_file":
			err = oneArg(d, &c.CredentialsFile)
		case "adc":
			c.ADC, err = true, noArg(d)
		case "scopes":
			err = listArg(d, &c.Scopes)
		default:
			err = unknown(d, "google", "credentials_file, adc, scopes")
		}
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// unmarshalAWS reads an access key of Amazon Web Services. Syntax:
//
//	aws {
//		access_key_id     <id>
//		secret_access_key <secret>
//		session_token     <token>
//	}
func unmarshalAWS(d *caddyfile.Dispenser) (*inventory.AWSConfig, error) {
	if err := noArg(d); err != nil {
		return nil, err
	}
	c := new(inventory.AWSConfig)
	once := make(seen)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		name := d.Val()
		if err := once.check(d, name); err != nil {
			return nil, err
		}
		var err error
		switch name {
		case "access_key_id":
			err = oneArg(d, &c.AccessKeyID)
		case "secret_access_key":
			err = oneArg(d, &c.SecretAccessKey)
		case "session_token":
			err = oneArg(d, &c.SessionToken)
		default:
			err = unknown(d, "aws", "access_key_id, secret_access_key, session_token")
		}
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// unmarshalCommand reads a command that prints an account's token. Syntax:
//
//	command <program> [<argument>...] {
//		ttl     <duration>
//		timeout <duration>
//		bearer
//	}
func unmarshalCommand(d *caddyfile.Dispenser) (*inventory.CommandConfig, error) {
	c := new(inventory.CommandConfig)
	if err := listArg(d, &c.Args); err != nil {
		return nil, err
	}
	once := make(seen)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := once.check(d, d.Val()); err != nil {
			return nil, err
		}
		switch d.Val() {
		case "ttl":
			ttl, err := durationArg(d)
			if err != nil {
				return nil, err
			}
			c.TTL = inventory.Duration(ttl)
		case "timeout":
			timeout, err := durationArg(d)
			if err != nil {
				return nil, err
			}
			c.Timeout = inventory.Duration(timeout)
		case "bearer":
			c.Bearer = true
			if err := noArg(d); err != nil {
				return nil, err
			}
		default:
			return nil, unknown(d, "command", "ttl, timeout, bearer")
		}
	}
	return c, nil
}
