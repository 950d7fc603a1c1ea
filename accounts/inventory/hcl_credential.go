package inventory

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// credentialBlocks are the blocks inside an account that declare a credential, and what they may say.
var credentialBlocks = map[string][]string{
	"oauth":  {"client_id", "client_secret", "refresh_token", "auth_url", "device_url", "token_url", "scopes", "auth_style", "grant"},
	"google": {"credentials_file", "adc", "scopes"},
	"aws":    {"access_key_id", "secret_access_key", "session_token"},
}

// nested are the objects of an account's blocks by their type.
type nested map[string]object

// accountBody evaluates an account's block.
func (d *decoder) accountBody(b *hcl.Block) (object, nested) {
	content, diags := b.Body.Content(accountSchema())
	d.diags = append(d.diags, diags...)
	inner := make(nested)
	for _, block := range content.Blocks {
		if _, twice := inner[block.Type]; twice {
			d.fail(block.DefRange, "Duplicate block", fmt.Sprintf("The block %q stands twice in one account.", block.Type))
			continue
		}
		inner[block.Type] = d.body(block, &hcl.BodySchema{Attributes: attributes(credentialBlocks[block.Type]...)})
	}
	return d.object(content.Attributes), inner
}

// nestedObject reads a credential that is an attribute, as it is where a for expression makes accounts.
func (d *decoder) nestedObject(kind string, f field) (object, bool) {
	v, marks := f.value.Unmark()
	if !v.IsKnown() || !v.Type().IsObjectType() && !v.Type().IsMapType() {
		d.fail(f.at, "Wrong type", fmt.Sprintf("%s must be an object like { client_id = … }.", kind))
		return nil, false
	}
	o := make(object)
	for it := v.ElementIterator(); it.Next(); {
		k, value := it.Element()
		name := k.AsString()
		if !slices.Contains(credentialBlocks[kind], name) {
			d.fail(f.at, "Unsupported argument", fmt.Sprintf("An argument named %s is not expected in %s%s.",
				quote(name), kind, suggestion(name, credentialBlocks[kind])))
			continue
		}
		if !value.IsNull() {
			o[name] = field{value.WithMarks(marks), f.at}
		}
	}
	return o, true
}

// credentials reads an account's credential, of whatever kind.
func (d *decoder) credentials(a *AccountConfig, o object, inner nested) {
	secret := a.sealed
	secret.key, secret.unusable = d.credential(o, "api_key")
	if in, ok := inner["oauth"]; ok {
		c := &OAuthConfig{AuthURL: d.str(in, "auth_url"), DeviceURL: d.str(in, "device_url"), TokenURL: d.str(in, "token_url"),
			Scopes: d.strings(in, "scopes"), AuthStyle: d.str(in, "auth_style"), Grant: d.str(in, "grant")}
		for _, value := range []struct {
			name string
			to   *string
		}{{"client_id", &c.ClientID}, {"client_secret", &c.ClientSecret}, {"refresh_token", &c.RefreshToken}} {
			text, unusable := "", ""
			if value.name == "client_id" { // no secret, so that it may stand in the file
				text, unusable = d.available(in, value.name)
			} else {
				text, unusable = d.credential(in, value.name)
			}
			*value.to = text
			if secret.unusable == "" {
				secret.unusable = unusable
			}
		}
		secret.oauth = c
	}
	if in, ok := inner["aws"]; ok {
		secret.aws = new(AWSConfig)
		var why [3]string
		secret.aws.AccessKeyID, why[0] = d.available(in, "access_key_id") // no secret, so that it may stand in the file
		secret.aws.SecretAccessKey, why[1] = d.credential(in, "secret_access_key")
		secret.aws.SessionToken, why[2] = d.credential(in, "session_token")
		secret.unusable = cmp.Or(secret.unusable, why[0], why[1], why[2])
	}
	if in, ok := inner["google"]; ok {
		c := &GoogleConfig{ADC: d.boolean(in, "adc"), Scopes: d.strings(in, "scopes")}
		file, unusable := d.available(in, "credentials_file")
		if file != "" {
			path, err := expandPath(file, filepath.Dir(d.filename))
			if err != nil {
				d.fail(in["credentials_file"].at, "Wrong value", err.Error()+".")
			}
			c.CredentialsFile = path
			d.cfg.reads = append(d.cfg.reads, path)
		}
		if secret.unusable == "" {
			secret.unusable = unusable
		}
		a.Google = c
	}
	if _, ok := o["command"]; ok {
		a.Command = &CommandConfig{Args: d.strings(o, "command"), TTL: d.duration(o, "command_ttl"),
			Timeout: d.duration(o, "command_timeout"), Bearer: d.boolean(o, "command_bearer")}
		if len(a.Command.Args) == 0 && !d.diags.HasErrors() {
			d.fail(o["command"].at, "Invalid command", `Write the program and its arguments, like command = ["pass", "show", "gemini"].`)
		}
		return
	}
	for _, name := range []string{"command_ttl", "command_timeout", "command_bearer"} {
		if f, ok := o[name]; ok {
			d.fail(f.at, "Missing command", name+" needs command.")
		}
	}
}

// available returns a value that is no secret, or why it cannot be had.
func (d *decoder) available(o object, name string) (value, unusable string) {
	f, ok := o[name]
	if !ok {
		return "", ""
	}
	_, marks := f.value.UnmarkDeep()
	if reason := missing(marks); reason != "" {
		return "", reason
	}
	return d.str(o, name), ""
}
