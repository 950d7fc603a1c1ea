package capability

import "github.com/fairway-gateway/fairway/translate"

// claudeTokens: Anthropic's pages "Token counting" and "Vision", and "What's
// new in Claude Opus 4.7", which came with a tokenizer of about 30 % more
// tokens and with pictures of three times the size.
func claudeTokens(n name) translate.Tokenizer {
	if n.from(5, 0) || n.is("opus") && n.from(4, 7) {
		return translate.Tokenizer{Family: "claude-4.7", Factor: 1.35,
			Image: translate.ImageRule{Edge: 2576, Cell: 28, Most: 4784, PerCell: 1}}
	}
	return translate.Tokenizer{Family: "claude", Factor: 1.04,
		Image: translate.ImageRule{Edge: 1568, Cell: 28, Most: 1568, PerCell: 1}}
}

// geminiTokens: Google's pages "Understand and count tokens" and "Media
// resolution".
func geminiTokens(n name) translate.Tokenizer {
	t := translate.Tokenizer{Family: "gemini", Factor: 1.05, Image: translate.ImageRule{Cell: 768, PerCell: 258}}
	if n.from(3, 0) {
		t.Image = translate.ImageRule{Base: 1120}
	}
	return t
}

// gptTokens: OpenAI's page "Images and vision", calculating costs.
func gptTokens(n name) translate.Tokenizer {
	t := translate.Tokenizer{Family: "gpt"}
	tiles := func(base, each float64) translate.ImageRule {
		return translate.ImageRule{Edge: 2048, Short: 768, Cell: 512, Base: base, PerCell: each}
	}
	patches := func(most int, each float64) translate.ImageRule {
		return translate.ImageRule{Edge: 2048, Cell: 32, Most: most, PerCell: each}
	}
	mini, nano := n.is("mini"), n.is("nano")
	switch {
	case n.is("4o") && mini:
		t.Image = tiles(2833, 5667)
	case n.is("4o"):
		t.Image = tiles(85, 170)
	case nano:
		t.Image = patches(1536, 2.46)
	case mini:
		t.Image = patches(1536, 1.62)
	case n.major < 30 && n.from(5, 4):
		t.Image = patches(2500, 1)
	case n.major < 30 && n.from(5, 0):
		t.Image = tiles(70, 140)
	default:
		t.Image = tiles(85, 170)
	}
	return t
}
