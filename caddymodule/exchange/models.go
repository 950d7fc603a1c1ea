package exchange

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/fairway-gateway/fairway/translate"
)

// models serves a model list or one entry of it.
func (x *exchange) models(ctx context.Context) error {
	inv := x.inventory.Load()
	if inv == nil {
		return &translate.Error{Kind: translate.Unavailable, Message: "the gateway is starting; try again"}
	}
	list := x.catalogue.all(ctx, inv)
	var body []byte
	if x.call.Operation == translate.ListModels {
		page, next, err := x.page(list)
		if err != nil {
			return err
		}
		body = x.client.AppendModels(nil, page, translate.Page{Next: next})
	} else {
		m, err := x.model(ctx, list)
		if err != nil {
			return err
		}
		body = x.client.AppendModel(nil, m)
	}
	x.out.header().Set("Content-Type", "application/json")
	x.out.respond(http.StatusOK, body)
	return nil
}

// model finds one entry; a model that is served although no list names it, by
// a route's pattern for example, is an entry too.
func (x *exchange) model(ctx context.Context, list []translate.Model) (translate.Model, error) {
	id := x.call.ModelID
	if x.call.Dialect == translate.Gemini {
		id = strings.TrimPrefix(id, "models/")
	}
	x.record.Model = id
	for _, m := range list {
		if m.ID == id {
			return m, nil
		}
	}
	targets, err := x.route(ctx, id)
	if err != nil {
		return translate.Model{}, err
	}
	return translate.Model{ID: id, OwnedBy: targets[0].Accounts[0].Provider}, nil
}

// page cuts a list as the client's query asks: limit and after_id or before_id
// (Anthropic), pageSize and pageToken (Google). OpenAI's list is whole.
func (x *exchange) page(list []translate.Model) (page []translate.Model, next string, err error) {
	q := x.in.URL.Query()
	var size int
	var size0, after string
	switch x.call.Dialect {
	case translate.Messages:
		size0, after, size = q.Get("limit"), q.Get("after_id"), 1000
	case translate.Gemini:
		size0, after, size = q.Get("pageSize"), q.Get("pageToken"), 1000
	default:
		return list, "", nil
	}
	if size0 != "" {
		if size, err = strconv.Atoi(size0); err != nil || size < 1 {
			return nil, "", translate.BadRequest("limit", "must be a positive number")
		}
	}
	start := 0
	if after != "" {
		start = -1
		for i, m := range list {
			if m.ID == after {
				start = i + 1
			}
		}
		if start < 0 {
			return nil, "", translate.BadRequest("after_id", "is no cursor of this list")
		}
	}
	end := min(len(list), start+size)
	page = list[start:end]
	if end < len(list) {
		next = page[len(page)-1].ID
	}
	return page, next, nil
}
