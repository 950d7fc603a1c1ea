package inventory

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functions are those that an accounts file may call.
func (d *decoder) functions() map[string]function.Function {
	external := func(param string, get func(string) (value string, o origin)) function.Function {
		return function.New(&function.Spec{
			Params: []function.Parameter{{Name: param, Type: cty.String}},
			Type:   function.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				value, o := get(args[0].AsString())
				if o.missing != "" {
					return cty.UnknownVal(cty.String).Mark(o), nil
				}
				return cty.StringVal(value).Mark(o), nil
			},
		})
	}
	return map[string]function.Function{
		"env":        external("name", readEnv),
		"file":       external("path", d.readFile),
		"jsondecode": stdlib.JSONDecodeFunc,
		"split":      stdlib.SplitFunc,
		"trimspace":  stdlib.TrimSpaceFunc,
	}
}

func readEnv(name string) (string, origin) {
	o := origin{what: "environment variable " + name}
	value, ok := os.LookupEnv(name)
	if !ok {
		o.missing = o.what + " is not set"
	}
	return value, o
}

func (d *decoder) readFile(name string) (string, origin) {
	o := origin{what: "file " + name}
	path, err := expandPath(name, filepath.Dir(d.filename))
	if err == nil {
		d.cfg.reads = append(d.cfg.reads, path)
		var data []byte
		if data, err = readBounded(path); err == nil {
			return string(data), o
		}
	}
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	o.missing = fmt.Sprintf("%s cannot be read: %s", o.what, err)
	return "", o
}

// expandPath makes a path absolute: "~" is the home directory, and a relative path starts at dir.
func expandPath(name, dir string) (string, error) {
	if rest, ok := strings.CutPrefix(name, "~"); ok && (rest == "" || rest[0] == '/') {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("finding the home directory: %w", err)
		}
		return filepath.Join(home, rest), nil
	}
	if filepath.IsAbs(name) {
		return filepath.Clean(name), nil
	}
	return filepath.Join(dir, name), nil
}

// readBounded reads a regular file of bounded size; a device or a pipe could block for ever.
func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("it is larger than %d bytes", maxFile)
	}
	return data, err
}
