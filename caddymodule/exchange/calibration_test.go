package exchange

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func TestCalibration(t *testing.T) {
	var c calibration
	var models lookups
	text := translate.Extent{Text: 1000}
	factor := func(model string) float64 { return c.tokenizer(models.of(model).counts).Factor }
	for name, lesson := range map[string]struct {
		e     translate.Extent
		input int64
	}{
		"too small": {translate.Extent{Text: 100}, 200}, "pictures": {translate.Extent{Text: 1000, Media: 1}, 2000},
		"nothing said": {text, 0}, "much too many": {text, 5000}, "much too few": {text, 100},
	} {
		c.learn(models.of("claude-opus-5").counts, lesson.e, lesson.input)
		if got := factor("claude-opus-5"); got != 1.35 {
			t.Fatalf("%s taught a factor of %g", name, got)
		}
	}
	c.learn(models.of("claude-opus-5").counts, text, 2000)
	if got, want := factor("claude-opus-5"), 1.35+(2-1.35)/16; math.Abs(got-want) > 1e-9 {
		t.Errorf("one reading of 2 gives %g, want %g", got, want)
	}
	for range 200 {
		c.learn(models.of("claude-opus-5").counts, text, 2000)
	}
	for model, want := range map[string]float64{
		"claude-opus-5": 2, "anthropic/claude-fable-5": 2, "claude-opus-4-5": 1.04, "gpt-5": 1, "my-own": 1,
	} {
		if got := factor(model); math.Abs(got-want) > 0.001 {
			t.Errorf("factor of %s = %g, want %g", model, got, want)
		}
	}
	for i := range 1000 {
		c.learn(models.of("model-"+strconv.Itoa(i)).counts, text, 1500)
	}
	if len(c.factors) != 2 {
		t.Errorf("%d factors are held, want one for Claude and one for all models unknown", len(c.factors))
	}
}

// TestLookupsAreBounded has clients make up model names.
func TestLookupsAreBounded(t *testing.T) {
	var k lookups
	for i := range 3 * keptModels {
		k.of("claude-opus-5-" + strconv.Itoa(i))
	}
	long := "claude-opus-5" + strings.Repeat("-x", keptNameSize)
	if got := k.of(long); !got.takes.NoSampling || got.counts.Family != "claude-4.7" {
		t.Errorf("of a long name is known: %+v", got)
	}
	if _, kept := k.models[long]; kept || len(k.models) > keptModels {
		t.Errorf("%d models are kept, the long name too: %v", len(k.models), kept)
	}
}

// TestEstimateLearns has an upstream without a counter report its usage, whole
// and in streams, and a counter of another account teach as well.
func TestEstimateLearns(t *testing.T) {
	long := strings.Repeat("some words to be counted ", 200)
	count := func(e *Engine) int64 {
		w, _ := call(t, e, "POST", "/v1/messages/count_tokens", strings.Replace(messagesCount, "hi", long, 1))
		if w.Header().Get("X-Token-Count") != "estimated" {
			t.Fatalf("no estimate: %s", w.Body)
		}
		n, _ := jsonlit.Int(jsonlit.Get(w.Body.Bytes(), "input_tokens"))
		return n
	}
	for name, body := range map[string]string{"whole": messagesRequest, "stream": messagesStream} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t)
			f.serve("c", 200, "application/json", strings.Replace(chatAnswer, `"prompt_tokens":3`, `"prompt_tokens":2508`, 1))
			if name == "stream" {
				f.serve("c", 200, "text/event-stream", strings.Replace(chatFrames, `"prompt_tokens":3`, `"prompt_tokens":2508`, 1))
			}
			e := f.engine("acc chat c")
			if got := count(e); got != 1254 {
				t.Fatalf("estimate = %d, want 1254", got)
			}
			for range 100 {
				call(t, e, "POST", "/v1/messages", strings.Replace(body, "hi", long, 1))
			}
			if got := count(e); got < 2490 || got > 2510 {
				t.Errorf("estimate = %d after usage of 2508 was reported a hundred times", got)
			}
			w, _ := call(t, e, "POST", "/v1/messages", strings.Replace(messagesStream, "hi", long, 1))
			if name == "stream" && !strings.Contains(w.Body.String(), fmt.Sprintf(`"input_tokens":%d`, count(e))) {
				t.Errorf("message_start does not tell the estimate %d: %s", count(e), w.Body)
			}
		})
	}
	t.Run("counted", func(t *testing.T) {
		f := newFleet(t)
		f.serve("g", 200, "application/json", `{"totalTokens":2508}`)
		e := f.engine("acc gemini g")
		for i := range 100 {
			call(t, e, "POST", "/v1/messages/count_tokens", strings.Replace(messagesCount, "hi", long+strconv.Itoa(i), 1))
		}
		f.serve("g", 500, "application/json", `{}`)
		if got := count(e); got < 2490 || got > 2510 {
			t.Errorf("estimate = %d after a hundred counts of 2508", got)
		}
	})
}
