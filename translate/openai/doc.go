// Package openai holds what OpenAI's three dialects share: the error envelope
// and the model list. It knows the deviations of compatible servers too, since
// all of them are reached through one of those dialects.
package openai
