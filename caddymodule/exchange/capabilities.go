package exchange

import (
	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
	"github.com/fairway-gateway/fairway/translate"
)

// capabilities is what a model takes as an account serves it: what is known by
// its name, corrected by what its provider's list tells, and by what the owner
// says.
func (x *exchange) capabilities(a *accounts.Account, model string) translate.Capabilities {
	c := x.lookups.of(model).takes.With(x.catalogue.facts(a, model))
	if inv := x.inventory.Load(); inv != nil {
		c = c.With(ownersFacts(inv.Capability(a, model)))
	}
	return c
}

// ownersFacts brings what the configuration says into the terms of encoders.
// The inventory has checked its words.
func ownersFacts(c inventory.CapabilityConfig) translate.Facts {
	tri := func(b *bool) translate.Tri {
		switch {
		case b == nil:
			return translate.Unset
		case *b:
			return translate.True
		}
		return translate.False
	}
	f := translate.Facts{
		MaxOutput: c.MaxOutput, NoSampling: tri(c.NoSampling), NoThinkingOff: tri(c.NoThinkingOff), BetweenTools: tri(c.BetweenTools),
		NoForcedTool: tri(c.NoForcedTool), NoPrefill: tri(c.NoPrefill), MidSystem: tri(c.MidSystem),
		MaxTokensField: tri(c.MaxTokensField), EchoReasoning: tri(c.EchoReasoning), Signatures: tri(c.Signatures),
	}
	f.Thinking, _ = translate.ParseThinkingStyle(c.Thinking)
	for _, word := range c.Efforts {
		effort, _ := translate.ParseEffort(word)
		f.Efforts |= effort
	}
	return f
}

// facts returns what the account's provider tells of a model, and sees to it
// that a provider whose list tells is asked, without waiting for it.
func (c *catalogue) facts(a *accounts.Account, model string) translate.Facts {
	l := c.list(a.Name)
	switch translate.Name(a.Endpoints[0].Dialect) {
	case translate.Messages, translate.Gemini: // OpenAI's lists tell names alone
		if l == nil || !l.known && c.engine.now().Sub(l.asked) > listRetry {
			c.refresh(a)
		}
	}
	if l == nil {
		return translate.Facts{}
	}
	return l.facts[model]
}
