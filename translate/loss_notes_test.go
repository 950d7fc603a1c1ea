package translate_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
)

// TestNotesAreInTheTables: what the encoders note as lost stands in one of the
// loss tables, with an action that is no milder. The notes are read from the
// source, so that none needs a test of its own to be found.
func TestNotesAreInTheTables(t *testing.T) {
	found := 0
	for dir, targets := range map[string][]translate.Name{
		"chat": {translate.Chat}, "completions": {translate.Completions}, "openai": {translate.Chat, translate.Completions, translate.Responses},
		"responses": {translate.Responses}, "messages": {translate.Messages}, "gemini": {translate.Gemini},
	} {
		for _, n := range notesIn(t, dir) {
			found++
			if !slices.ContainsFunc(targets, func(target translate.Name) bool {
				worst := max(row(translate.LossTable(), n.field).To(target), row(translate.ValueLosses(), n.field).To(target))
				return worst >= n.action && worst != translate.Refused && (row(translate.LossTable(), n.field).Field != "" || row(translate.ValueLosses(), n.field).Field != "")
			}) {
				t.Errorf("%s: %q is noted as %s; the tables say less of it", n.at, n.field, n.action)
			}
		}
	}
	if found < 20 {
		t.Errorf("found %d notes, want more: is the source read?", found)
	}
}

type sourceNote struct {
	field  string
	action translate.Action // Approximated where the source does not say at once
	at     token.Position
}

// notesIn finds the calls of Losses.Note in a package. A field that is a
// function's parameter is looked up where the function is called.
func notesIn(t *testing.T, dir string) (notes []sourceNote) {
	t.Helper()
	set := token.NewFileSet()
	var files []*ast.File
	paths, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	if files == nil {
		t.Fatal(fs.ErrNotExist)
	}
	// indirect holds, of the functions that note one of their parameters, which.
	type parameter struct {
		index  int
		action translate.Action
	}
	indirect := map[string]parameter{"": {}}
	for len(indirect) > 0 {
		next := map[string]parameter{}
		for _, f := range files {
			var within []namedFunc
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					within = append(within, namedFunc{n.Name.Name, n.Type, n.Pos(), n.End()})
				case *ast.AssignStmt:
					for i, x := range n.Rhs {
						if lit, ok := x.(*ast.FuncLit); ok {
							within = append(within, namedFunc{n.Lhs[i].(*ast.Ident).Name, lit.Type, lit.Pos(), lit.End()})
						}
					}
				case *ast.CallExpr:
					name := called(n)
					p, ok := indirect[name]
					if _, first := indirect[""]; first {
						p, ok = parameter{action: noted(n)}, name == "Note" && len(n.Args) == 2
					}
					if !ok || p.index >= len(n.Args) {
						return true
					}
					switch arg := n.Args[p.index].(type) {
					case *ast.BasicLit:
						field, _ := strconv.Unquote(arg.Value)
						notes = append(notes, sourceNote{field, p.action, set.Position(n.Pos())})
					case *ast.Ident:
						for _, fn := range slices.Backward(within) {
							if i := fn.parameter(arg.Name); i >= 0 && fn.from <= n.Pos() && n.Pos() < fn.to {
								next[fn.name] = parameter{i, p.action}
								return true
							}
						}
						t.Errorf("%s: cannot tell which field is noted", set.Position(n.Pos()))
					default:
						t.Errorf("%s: cannot tell which field is noted", set.Position(n.Pos()))
					}
				}
				return true
			})
		}
		indirect = next
	}
	return notes
}

type namedFunc struct {
	name     string
	typ      *ast.FuncType
	from, to token.Pos
}

// parameter is the place of a parameter, or -1.
func (f namedFunc) parameter(name string) int {
	i := 0
	for _, field := range f.typ.Params.List {
		for _, n := range field.Names {
			if n.Name == name {
				return i
			}
			i++
		}
	}
	return -1
}

func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// noted is the action of a call of Note.
func noted(c *ast.CallExpr) translate.Action {
	if len(c.Args) == 2 {
		if s, ok := c.Args[1].(*ast.SelectorExpr); ok {
			switch s.Sel.Name {
			case "Dropped":
				return translate.Dropped
			case "Emulated":
				return translate.Emulated
			}
		}
	}
	return translate.Approximated
}
