package inventory

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// maxFile bounds an accounts file and every file that it reads, in bytes.
const maxFile = 1 << 20

// DecodeHCL reads an accounts file. Its blocks are account, provider, model, pool, capability and cooldown; `policy` sets the default
// policy, and `accounts = { name = { … } }` declares many accounts at once, by a for expression if need be:
//
//	accounts = { for i, key in split("\n", trimspace(file("~/keys"))) : "gem-${i + 1}" => { provider = "gemini", api_key = key } }
//
// The functions are env, file (a leading ~ is the home directory, a relative path starts at the file's own directory),
// jsondecode, split and trimspace. An unset variable or an unreadable file makes an account unusable if its api_key needs
// it, and is an error elsewhere. Errors carry file and line, and never a value.
func DecodeHCL(filename string, src []byte) (Config, error) {
	cfg, err := decodeHCL(filename, src)
	if err != nil {
		return Config{}, err
	}
	return cfg, nil
}

func decodeHCL(filename string, src []byte) (Config, error) {
	if len(src) > maxFile {
		return Config{}, fmt.Errorf("reading accounts file %s: it is larger than %d bytes", filename, maxFile)
	}
	file, diags := hclsyntax.ParseConfig(src, filename, hcl.InitialPos)
	if diags.HasErrors() {
		return Config{}, diagnosticsError(diags)
	}
	d := decoder{filename: filename}
	d.ctx = &hcl.EvalContext{Functions: d.functions()}
	d.file(file.Body)
	if d.diags.HasErrors() {
		return d.cfg, diagnosticsError(d.diags)
	}
	return d.cfg, nil
}

type decoder struct {
	filename string
	ctx      *hcl.EvalContext
	cfg      Config
	diags    hcl.Diagnostics
}

// attributes makes a schema of optional attributes.
func attributes(names ...string) []hcl.AttributeSchema {
	out := make([]hcl.AttributeSchema, len(names))
	for i, n := range names {
		out[i] = hcl.AttributeSchema{Name: n}
	}
	return out
}

func block(kind, label string) hcl.BlockHeaderSchema {
	return hcl.BlockHeaderSchema{Type: kind, LabelNames: []string{label}}
}

func (d *decoder) file(body hcl.Body) {
	content, diags := body.Content(&hcl.BodySchema{
		Attributes: attributes("policy", "accounts"),
		Blocks: []hcl.BlockHeaderSchema{block("account", "name"), block("provider", "name"), block("model", "pattern"),
			block("pool", "name"), block("capability", "pattern"), block("cooldown", "outcome"), block("user", "name")},
	})
	d.diags = append(d.diags, diags...)
	top := d.object(content.Attributes)
	d.cfg.Policy = d.str(top, "policy")
	for _, b := range content.Blocks {
		name, pos := b.Labels[0], position(b.DefRange)
		switch b.Type {
		case "account":
			o, inner := d.accountBody(b)
			d.account(name, pos, b.DefRange, o, inner)
		case "provider":
			d.provider(name, pos, b)
		case "model":
			o := d.body(b, &hcl.BodySchema{Attributes: attributes("targets", "pool")})
			d.cfg.Routes = append(d.cfg.Routes, RouteConfig{Pattern: name, Targets: d.strings(o, "targets"), Pool: d.str(o, "pool"), Pos: pos})
		case "pool":
			o := d.body(b, &hcl.BodySchema{Attributes: attributes("accounts", "policy")})
			d.cfg.Pools = append(d.cfg.Pools, PoolConfig{Name: name, Accounts: d.strings(o, "accounts"), Policy: d.str(o, "policy"), Pos: pos})
		case "capability":
			d.capability(name, pos, b)
		case "cooldown":
			d.cooldown(name, pos, b)
		default:
			d.unsupported(b)
		}
	}
	if many, ok := top["accounts"]; ok {
		d.accounts(many)
	}
}

// body evaluates a block's attributes and refuses its blocks, all of which are for later.
func (d *decoder) body(b *hcl.Block, schema *hcl.BodySchema) object {
	content, diags := b.Body.Content(schema)
	d.diags = append(d.diags, diags...)
	for _, inner := range content.Blocks {
		d.unsupported(inner)
	}
	return d.object(content.Attributes)
}

func (d *decoder) unsupported(b *hcl.Block) {
	d.fail(b.DefRange, "Not supported yet", fmt.Sprintf("The block %q is not supported yet; remove it.", b.Type))
}

var accountAttributes = [...]string{"provider", "api_key", "dialect", "base_url", "models", "weight", "priority", "max_concurrent",
	"rpm", "tpm", "quota_floor", "proxy", "headers", "disabled", "command", "command_ttl", "command_timeout", "command_bearer",
	"resource", "api_version", "project", "location", "region", "deployments"}

func accountSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: attributes(accountAttributes[:]...), Blocks: []hcl.BlockHeaderSchema{{Type: "oauth"}, {Type: "google"}, {Type: "aws"}}}
}

func (d *decoder) account(name, pos string, at hcl.Range, o object, inner nested) {
	secret := &sealed{}
	a := AccountConfig{Name: name, Provider: d.str(o, "provider"), Dialect: d.str(o, "dialect"), Models: d.strings(o, "models"),
		Weight: d.number(o, "weight"), Priority: d.number(o, "priority"), MaxConcurrent: d.number(o, "max_concurrent"),
		RPM: d.number(o, "rpm"), TPM: d.number(o, "tpm"), QuotaFloor: d.share(o, "quota_floor"), Disabled: d.boolean(o, "disabled"), BaseURL: d.str(o, "base_url"),
		CloudConfig: CloudConfig{Resource: d.str(o, "resource"), APIVersion: d.str(o, "api_version"), Project: d.str(o, "project"),
			Location: d.str(o, "location"), Region: d.str(o, "region"), Deployments: d.stringMap(o, "deployments")},
		Pos: pos, sealed: secret}
	secret.proxy = d.str(o, "proxy")
	secret.headers = d.stringMap(o, "headers")
	d.credentials(&a, o, inner)
	if f, ok := o["weight"]; ok && a.Weight == 0 && !d.diags.HasErrors() {
		d.fail(f.at, "Invalid weight", "A weight is at least 1. Use disabled = true to keep an account out of use.")
	}
	if _, ok := o["provider"]; !ok {
		d.fail(at, "Missing provider", fmt.Sprintf("Account %q needs provider = \"…\".", name))
	}
	d.cfg.Accounts = append(d.cfg.Accounts, a)
}

// accounts reads the attribute that declares many accounts at once.
func (d *decoder) accounts(f field) {
	const hint = `Write it like accounts = { name = { provider = "gemini", api_key = env("KEY") } }.`
	v, marks := f.value.Unmark()
	if reason := missing(marks); reason != "" {
		d.fail(f.at, "Value not available", "The list of accounts needs it: "+reason+".")
		return
	}
	if !v.IsKnown() || v.IsNull() || !v.Type().IsObjectType() && !v.Type().IsMapType() {
		d.fail(f.at, "Invalid accounts", hint)
		return
	}
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		inner, innerMarks := element.Unmark()
		if !inner.IsKnown() || inner.IsNull() || !inner.Type().IsObjectType() && !inner.Type().IsMapType() {
			d.fail(f.at, "Invalid account", hint)
			continue
		}
		o, blocks := make(object), make(nested)
		for it := inner.ElementIterator(); it.Next(); {
			k, value := it.Element()
			name := k.AsString()
			if credentialBlocks[name] != nil && !value.IsNull() {
				if block, ok := d.nestedObject(name, field{value.WithMarks(marks, innerMarks), f.at}); ok {
					blocks[name] = block
				}
				continue
			}
			if !slices.Contains(accountAttributes[:], name) {
				d.fail(f.at, "Unsupported argument", fmt.Sprintf("An argument named %s is not expected here%s.",
					quote(name), suggestion(name, accountAttributes[:])))
				continue
			}
			if !value.IsNull() {
				o[name] = field{value.WithMarks(marks, innerMarks), f.at}
			}
		}
		d.account(key.AsString(), position(f.at), f.at, o, blocks)
	}
}

func (d *decoder) provider(name, pos string, b *hcl.Block) {
	content, diags := b.Body.Content(&hcl.BodySchema{
		Attributes: attributes("dialect", "base_url", "auth_header", "auth_prefix", "families", "key_optional"),
		Blocks:     []hcl.BlockHeaderSchema{block("endpoint", "dialect")},
	})
	d.diags = append(d.diags, diags...)
	o := d.object(content.Attributes)
	p := ProviderConfig{Name: name, Dialect: d.str(o, "dialect"), BaseURL: d.str(o, "base_url"), AuthHeader: d.str(o, "auth_header"),
		AuthPrefix: d.str(o, "auth_prefix"), Families: d.strings(o, "families"), KeyOptional: d.boolean(o, "key_optional"),
		Pos: pos, final: true}
	for _, e := range content.Blocks {
		eo := d.body(e, &hcl.BodySchema{Attributes: attributes("base_url", "auth_header", "auth_prefix")})
		p.Endpoints = append(p.Endpoints, EndpointConfig{Dialect: e.Labels[0], BaseURL: d.str(eo, "base_url"),
			AuthHeader: d.str(eo, "auth_header"), AuthPrefix: d.str(eo, "auth_prefix")})
	}
	d.cfg.Providers = append(d.cfg.Providers, p)
}

func (d *decoder) capability(pattern, pos string, b *hcl.Block) {
	o := d.body(b, &hcl.BodySchema{Attributes: attributes(CapabilitySettings()...)})
	c := CapabilityConfig{Pattern: pattern, Pos: pos}
	for _, name := range CapabilitySettings() {
		f, ok := o[name]
		if !ok {
			continue
		}
		var words []string
		if name == "efforts" {
			words = d.strings(o, name)
		} else {
			words = []string{d.str(o, name)}
		}
		if err := c.Set(name, words...); err != nil && !d.diags.HasErrors() {
			d.fail(f.at, "Wrong value", err.Error()+".")
		}
	}
	d.cfg.Capabilities = append(d.cfg.Capabilities, c)
}

func (d *decoder) cooldown(class, pos string, b *hcl.Block) {
	o := d.body(b, &hcl.BodySchema{Attributes: attributes("base", "factor", "max", "scope")})
	c := CooldownConfig{Base: d.duration(o, "base"), Max: d.duration(o, "max"), Scope: d.str(o, "scope"), Pos: pos}
	if v, ok := d.value(o, "factor", cty.Number); ok {
		c.Factor, _ = v.AsBigFloat().Float64()
	}
	if _, dup := d.cfg.Cooldowns[class]; dup {
		d.fail(b.DefRange, "Duplicate cooldown", fmt.Sprintf("The cooldown %q is declared twice.", class))
	}
	if d.cfg.Cooldowns == nil {
		d.cfg.Cooldowns = make(map[string]CooldownConfig)
	}
	d.cfg.Cooldowns[class] = c
}

func (d *decoder) fail(at hcl.Range, summary, detail string) {
	d.diags = append(d.diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &at})
}

func position(r hcl.Range) string { return fmt.Sprintf("%s:%d", r.Filename, r.Start.Line) }

// diagnosticsError makes one error of diagnostics, a line each. It leaves out the values of expressions, which HCL's own
// writer would show.
func diagnosticsError(diags hcl.Diagnostics) error {
	var errs []error
	for _, diag := range diags {
		if diag.Severity != hcl.DiagError {
			continue
		}
		text := diag.Summary
		if diag.Detail != "" {
			text += ": " + diag.Detail
		}
		if diag.Subject != nil {
			text = fmt.Sprintf("%s:%d,%d: %s", diag.Subject.Filename, diag.Subject.Start.Line, diag.Subject.Start.Column, text)
		}
		errs = append(errs, errors.New(text))
	}
	return fmt.Errorf("reading accounts file: %w", errors.Join(errs...))
}
