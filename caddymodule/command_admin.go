package caddymodule

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"
)

// adminFlags adds the flags of commands that ask a running gateway.
func adminFlags(cmd *cobra.Command) {
	cmd.Flags().String("address", "", "Address of the admin endpoint (default: that of --config, else localhost:2019)")
	cmd.Flags().StringP("config", "c", "", "Configuration file that names the admin endpoint")
	cmd.Flags().StringP("adapter", "a", "", "Name of the config adapter to apply, if it is no Caddyfile")
	cmd.Flags().Bool("json", false, "Write JSON")
}

// adminClient asks the admin endpoint of a running gateway.
type adminClient struct {
	address string
	raw     bool // write the answers as they are
	out     io.Writer
}

func newAdminClient(cmd *cobra.Command) (*adminClient, error) {
	flag := func(name string) string { v, _ := cmd.Flags().GetString(name); return v }
	config := flag("config")
	var loaded []byte
	if config == "" && flag("address") == "" {
		if _, err := os.Stat("Caddyfile"); err == nil {
			config = "Caddyfile"
		}
	}
	if config != "" {
		var err error
		if loaded, _, _, err = caddycmd.LoadConfig(config, flag("adapter")); err != nil {
			return nil, fmt.Errorf("reading configuration: %w", err)
		}
		var admin struct {
			Admin struct {
				Disabled bool `json:"disabled"`
			} `json:"admin"`
		}
		if err := json.Unmarshal(loaded, &admin); err == nil && admin.Admin.Disabled && flag("address") == "" {
			return nil, fmt.Errorf("asking the gateway: %s turns Caddy's admin endpoint off, which this command needs; remove `admin off`, "+
				"or write `admin unix//run/fairway/admin.sock|0600`", config)
		}
	}
	address, err := caddycmd.DetermineAdminAPIAddress(flag("address"), loaded, config, flag("adapter"))
	if err != nil {
		return nil, fmt.Errorf("finding the admin endpoint: %w", err)
	}
	raw, _ := cmd.Flags().GetBool("json")
	return &adminClient{address, raw, cmd.OutOrStdout()}, nil
}

// ask sends a request, decodes the answer into v, and returns it as it came.
func (c *adminClient) ask(method, uri string, body, v any) (jsontext.Value, error) {
	var send io.Reader
	header := make(http.Header)
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		send = bytes.NewReader(data)
		header.Set("Content-Type", "application/json")
	}
	res, err := caddycmd.AdminAPIRequest(c.address, method, uri, header, send)
	if err != nil {
		return nil, c.explain(err)
	}
	defer res.Body.Close()
	const most = 64 << 20
	answer, err := io.ReadAll(io.LimitReader(res.Body, most))
	if err != nil {
		return nil, fmt.Errorf("reading the gateway's answer: %w", err)
	}
	if err := json.Unmarshal(answer, v); err != nil {
		return nil, fmt.Errorf("reading the gateway's answer: %w; is another program listening at %s?", err, c.address)
	}
	return answer, nil
}

// explain says what to do when a request to the admin endpoint came to nothing.
func (c *adminClient) explain(err error) error {
	// Caddy's client does not wrap its errors.
	if strings.Contains(err.Error(), ": dial ") {
		return fmt.Errorf("asking the gateway: nothing answers at %s; is it running, and its admin endpoint on? "+
			"(`admin off` in a Caddyfile turns it off; --address or --config name another one)", c.address)
	}
	return fmt.Errorf("asking the gateway at %s: %w", c.address, err)
}

// show writes an answer as JSON if that was asked for; otherwise human does.
func (c *adminClient) show(answer jsontext.Value, human func(io.Writer)) error {
	if !c.raw {
		human(c.out)
		return nil
	}
	if err := answer.Indent(jsontext.WithIndent("  ")); err != nil {
		return err
	}
	_, err := fmt.Fprintln(c.out, string(answer))
	return err
}

// withQuery appends those parameters that have a value.
func withQuery(path string, pairs ...string) string {
	query := make(url.Values)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	return path + "?" + query.Encode()
}
