package upstream

// Guard makes the account as particular about reasoning state as the vendors are: it refuses what it has not handed out
// itself, and Anthropic's thinking with another text than it had.
func (a *Account) Guard() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.issued = map[string]string{}
}

// issue writes down the state of a reply.
func (a *Account) issue(pieces []Piece) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.issued == nil {
		return
	}
	for _, p := range pieces {
		if p.Signature != "" {
			a.issued[p.Signature] = p.All()
		}
	}
}

// foreignState refuses state that a guarded account does not know.
func (a *Account) foreignState(rec *Record) *Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.issued == nil {
		return nil
	}
	for _, p := range rec.Seen.All() {
		if p.Signature == "" || p.Signature == sentinelSignature {
			continue
		}
		text, known := a.issued[p.Signature]
		switch rec.Dialect {
		case Messages:
			if !known || p.Text != text {
				return bad("", "messages.1.content.0: Invalid `signature` in `thinking` block")
			}
		case Responses:
			if !known {
				return &Fault{Class: BadRequest, Code: "invalid_encrypted_content", Message: "The encrypted content for item " + p.ID + " could not be verified."}
			}
		case Gemini:
			if !known {
				return bad("", "Corrupted thought signature.")
			}
		}
	}
	return nil
}

// sentinelSignature is what Google's page "Thought signatures" gives for calls of other models.
const sentinelSignature = "skip_thought_signature_validator"
