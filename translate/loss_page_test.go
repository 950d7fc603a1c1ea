package translate_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
)

var updatePage = flag.Bool("update", false, "write docs/loss-table.md")

const lossPage = "../docs/loss-table.md"

// TestLossPage holds the documentation to the tables.
func TestLossPage(t *testing.T) {
	want := renderLossPage()
	if *updatePage {
		if err := os.WriteFile(lossPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(lossPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/loss-table.md is not what the tables say; write it anew with: go test ./translate -run TestLossPage -update")
	}
}

func renderLossPage() string {
	var b strings.Builder
	b.WriteString(`<!-- Written by go test ./translate -run TestLossPage -update. Do not edit. -->

# What translation loses

A request whose client and upstream speak the same dialect passes byte for byte; nothing on this page concerns it.
Between dialects, everything that a request says is carried, but for the following. The columns are the upstream's dialects.

| | what becomes of it |
|---|---|
| – | carried as it is |
| silent | left out: the answer is the same without it |
| approximated | carried in the nearest form there is; named in the header ` + "`X-Ai-Warnings`" + ` |
| emulated | carried by other means; named in the header |
| dropped | left out; named in the header, and refused with 400 where the gateway is set to ` + "`strict`" + ` |
| refused | the request is refused with 400, whatever the setting |

Top-level members that are in neither table, and that the dialects do not have in common, are dropped.

## Whatever the value

`)
	lossTable(&b, translate.LossTable())
	b.WriteString(`
## Depending on the value or on the model

Here an entry is the worst that may happen.

`)
	lossTable(&b, translate.ValueLosses())
	return b.String()
}

func lossTable(b *strings.Builder, rows []translate.Row) {
	b.WriteString("| field | Chat | Completions | Responses | Messages | Gemini | why, or how |\n|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(b, "| `%s` |", r.Field)
		for _, d := range dialects() {
			action := "–"
			if a := r.To(d.Name()); a != translate.Carried {
				action = a.String()
			}
			fmt.Fprintf(b, " %s |", action)
		}
		why := strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(r.Why)
		fmt.Fprintf(b, " %s |\n", why)
	}
}
