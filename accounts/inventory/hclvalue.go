package inventory

import (
	"fmt"
	"math"
	"math/big"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// object is a block's attributes, evaluated. Attributes that are null are left out.
type object map[string]field

type field struct {
	value cty.Value
	at    hcl.Range
}

func (d *decoder) object(attrs hcl.Attributes) object {
	o := make(object, len(attrs))
	for name, attr := range attrs {
		v, diags := attr.Expr.Value(d.ctx)
		d.diags = append(d.diags, diags...)
		if !diags.HasErrors() && !v.IsNull() {
			o[name] = field{v, attr.Expr.Range()}
		}
	}
	return o
}

// value returns an attribute as a type; false when it is absent or bad.
func (d *decoder) value(o object, name string, want cty.Type) (cty.Value, bool) {
	f, ok := o[name]
	if !ok {
		return cty.NilVal, false
	}
	v, marks := f.value.UnmarkDeep()
	if reason := missing(marks); reason != "" {
		d.fail(f.at, "Value not available", fmt.Sprintf("%s needs it: %s.", name, reason))
		return cty.NilVal, false
	}
	v, err := convert.Convert(v, want)
	if err != nil {
		d.fail(f.at, "Wrong type", fmt.Sprintf("%s: %s.", name, err))
		return cty.NilVal, false
	}
	if v.IsNull() || !v.IsWhollyKnown() {
		d.fail(f.at, "Value not available", fmt.Sprintf("%s has no value.", name))
		return cty.NilVal, false
	}
	return v, true
}

func (d *decoder) str(o object, name string) string {
	v, ok := d.value(o, name, cty.String)
	if !ok {
		return ""
	}
	if name == "proxy" && d.isLiteral(o[name].value) && hasPassword(v.AsString()) {
		d.cfg.literals = append(d.cfg.literals, position(o[name].at))
	}
	return v.AsString()
}

func hasPassword(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && u.User != nil
}

// credential returns a secret, or why it cannot be had.
func (d *decoder) credential(o object, name string) (secret, unusable string) {
	f, ok := o[name]
	if !ok {
		return "", ""
	}
	v, marks := f.value.UnmarkDeep()
	if reason := missing(marks); reason != "" {
		return "", reason
	}
	s, ok := d.value(o, name, cty.String)
	if !ok {
		return "", ""
	}
	if strings.TrimSpace(s.AsString()) == "" {
		if what := origins(marks); what != "" {
			return "", what + " is empty"
		}
		return "", name + " is empty"
	}
	if d.isLiteral(f.value) && v.IsKnown() {
		d.cfg.literals = append(d.cfg.literals, position(f.at))
	}
	return s.AsString(), ""
}

// isLiteral reports whether a value is spelled out in the file: no part of it came through env or file.
func (d *decoder) isLiteral(v cty.Value) bool {
	_, marks := v.UnmarkDeep()
	return len(marks) == 0
}

func (d *decoder) strings(o object, name string) []string {
	v, ok := d.value(o, name, cty.List(cty.String))
	if !ok {
		return nil
	}
	var out []string
	for it := v.ElementIterator(); it.Next(); {
		if _, e := it.Element(); !e.IsNull() {
			out = append(out, e.AsString())
		}
	}
	return out
}

func (d *decoder) stringMap(o object, name string) map[string]string {
	v, ok := d.value(o, name, cty.Map(cty.String))
	if !ok {
		return nil
	}
	out := make(map[string]string)
	for it := v.ElementIterator(); it.Next(); {
		if k, e := it.Element(); !e.IsNull() {
			out[k.AsString()] = e.AsString()
		}
	}
	return out
}

func (d *decoder) number(o object, name string) int {
	v, ok := d.value(o, name, cty.Number)
	if !ok {
		return 0
	}
	n, accuracy := v.AsBigFloat().Int64()
	if accuracy != big.Exact || n > math.MaxInt32 || n < math.MinInt32 {
		d.fail(o[name].at, "Wrong value", name+" must be a whole number.")
		return 0
	}
	return int(n)
}

func (d *decoder) boolean(o object, name string) bool {
	v, ok := d.value(o, name, cty.Bool)
	return ok && v.True()
}

func (d *decoder) duration(o object, name string) Duration {
	v, ok := d.value(o, name, cty.String)
	if !ok {
		return 0
	}
	out, err := ParseDuration(v.AsString())
	if err != nil {
		d.fail(o[name].at, "Wrong value", fmt.Sprintf("%s: write it like 5s, 2m30s, 1h or 90d.", name))
	}
	return out
}

// share reads 0.1 or "10%".
func (d *decoder) share(o object, name string) Share {
	v, ok := d.value(o, name, cty.String)
	if !ok {
		return 0
	}
	out, err := ParseShare(v.AsString())
	if err != nil {
		d.fail(o[name].at, "Wrong value", fmt.Sprintf("%s: write it like \"10%%\" or 0.1.", name))
	}
	return out
}

// origin marks a value that came from outside the file. Marks survive every function and expression that the value goes
// through.
type origin struct {
	what    string // "environment variable X"
	missing string // why there is no value, "" when there is one
}

// missing returns the reasons among marks for which a value is not there, "" if it is.
func missing(marks cty.ValueMarks) string {
	return joinOrigins(marks, func(o origin) string { return o.missing })
}

func origins(marks cty.ValueMarks) string {
	return joinOrigins(marks, func(o origin) string { return o.what })
}

func joinOrigins(marks cty.ValueMarks, text func(origin) string) string {
	var out []string
	for m := range marks {
		if o, ok := m.(origin); ok && text(o) != "" {
			out = append(out, text(o))
		}
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), ", ")
}
