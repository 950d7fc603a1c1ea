package accounts

// Provider is an upstream service as data: where it listens, what it speaks and which models it is known for.
type Provider struct {
	Name string
	// Endpoints are ordered by preference: the first is used when a request has to be translated.
	Endpoints []Endpoint
	// Families are patterns of the model names that this provider is known for.
	Families []string
	// KeyOptional says that the service answers without a credential, as servers on one's own machine do.
	KeyOptional bool
	// OAuth is where the provider grants OAuth 2.0 tokens; nil if the owner has to say.
	OAuth *OAuthProvider
}

// OAuthProvider is a provider's public OAuth 2.0 endpoints. It has no client of its own: that is the owner's.
type OAuthProvider struct {
	AuthURL, DeviceURL, TokenURL string
	// Scopes are asked for unless the owner asks for others.
	Scopes []string
	// AuthParams are added to AuthURL.
	AuthParams map[string]string
}

// GoogleOAuth returns Google's endpoints (Google "OAuth 2.0 for Mobile & Desktop Apps"). The scopes are those of the Gemini
// API's "OAuth quickstart"; offline access and consent are what makes Google hand out a refresh token.
func GoogleOAuth() *OAuthProvider {
	return &OAuthProvider{
		AuthURL:   "https://accounts.google.com/o/oauth2/v2/auth",
		DeviceURL: "https://oauth2.googleapis.com/device/code",
		TokenURL:  "https://oauth2.googleapis.com/token",
		Scopes: []string{"https://www.googleapis.com/auth/cloud-platform",
			"https://www.googleapis.com/auth/generative-language.retriever"},
		AuthParams: map[string]string{"access_type": "offline", "prompt": "consent"},
	}
}

// DemoProvider is the name of the provider that answers in process, without key and network, and DemoBaseURL is the base
// URL by which it is recognised.
const (
	DemoProvider = "demo"
	DemoBaseURL  = "demo://local"
)

// Builtin returns the providers that need no declaration. Base URLs are the vendors' documented ones.
//
// OpenAI is spoken to by Responses alone, because Chat refuses tools together with reasoning on its current models
// (OpenAI "Reasoning models" guide); an account may say `dialect chat`.
func Builtin() []Provider {
	return []Provider{
		{
			Name:      "anthropic",
			Endpoints: []Endpoint{endpoint(DialectMessages, "https://api.anthropic.com")},
			Families:  []string{"claude-*"},
		}, {
			Name:      "openai",
			Endpoints: []Endpoint{endpoint(DialectResponses, "https://api.openai.com/v1")},
			Families: []string{"gpt-*", "chatgpt-*", "codex-*", "o1", "o1-*", "o3", "o3-*", "o4-*", "ft:*", "davinci-*", "babbage-*",
				"text-embedding-*", "omni-moderation-*", "whisper-*", "tts-*", "dall-e-*", "sora-*"},
		}, {
			Name:      "gemini",
			Endpoints: []Endpoint{endpoint(DialectGemini, "https://generativelanguage.googleapis.com")},
			Families:  []string{"gemini-*", "gemma-*", "learnlm-*"},
			OAuth:     GoogleOAuth(),
		}, {
			// The messages endpoint takes the same key as a bearer token (OpenRouter "Anthropic Messages API").
			Name: "openrouter",
			Endpoints: []Endpoint{
				endpoint(DialectChat, "https://openrouter.ai/api/v1"),
				{Dialect: DialectMessages, BaseURL: "https://openrouter.ai/api", Auth: DefaultAuth(DialectChat)},
			},
		}, {
			Name: "deepseek",
			Endpoints: []Endpoint{
				endpoint(DialectChat, "https://api.deepseek.com"),
				endpoint(DialectMessages, "https://api.deepseek.com/anthropic"),
			},
			Families: []string{"deepseek-*"},
		}, {
			Name:      "mistral",
			Endpoints: []Endpoint{endpoint(DialectChat, "https://api.mistral.ai/v1")},
			Families: []string{"mistral-*", "ministral-*", "magistral-*", "codestral-*", "devstral-*", "pixtral-*", "voxtral-*",
				"open-mistral-*", "open-mixtral-*"},
		}, {
			Name:      "groq",
			Endpoints: []Endpoint{endpoint(DialectChat, "https://api.groq.com/openai/v1")},
		}, {
			Name:      "xai",
			Endpoints: []Endpoint{endpoint(DialectChat, "https://api.x.ai/v1")},
			Families:  []string{"grok-*"},
		}, {
			// The messages endpoint wants the key as ANTHROPIC_AUTH_TOKEN, a bearer token (Z.AI "Claude Code").
			Name: "zai",
			Endpoints: []Endpoint{
				endpoint(DialectChat, "https://api.z.ai/api/paas/v4"),
				{Dialect: DialectMessages, BaseURL: "https://api.z.ai/api/anthropic", Auth: DefaultAuth(DialectChat)},
			},
			Families: []string{"glm-*"},
		},
		{
			// A cloud's base URLs depend on the account. What is deployed in Azure goes by names of the owner's choice, so that no
			// families are known.
			Name: "azure",
			Endpoints: []Endpoint{
				azure(DialectResponses),
				azure(DialectChat),
				azure(DialectCompletions),
			},
		},
		{
			// A key travels as x-goog-api-key for models of any vendor (Google "Use API keys with Vertex AI").
			Name: "vertex",
			Endpoints: []Endpoint{
				{Dialect: DialectGemini, Auth: DefaultAuth(DialectGemini), Surface: SurfaceVertex},
				{Dialect: DialectMessages, Auth: DefaultAuth(DialectGemini), Surface: SurfaceVertex, Models: "claude-*"},
			},
			Families: []string{"gemini-*", "claude-*"},
			OAuth:    GoogleOAuth(),
		},
		{
			// A Bedrock API key is a bearer token (AWS "Use an Amazon Bedrock API key"); an access key signs.
			Name:      "bedrock",
			Endpoints: []Endpoint{{Dialect: DialectMessages, Auth: DefaultAuth(DialectChat), Surface: SurfaceBedrock}},
			Families:  []string{"anthropic.claude-*", "*.anthropic.claude-*"},
		},
		selfHosted("ollama", "http://127.0.0.1:11434/v1"),
		selfHosted("llamacpp", "http://127.0.0.1:8080/v1"),
		selfHosted("vllm", "http://127.0.0.1:8000/v1"),
		selfHosted("lmstudio", "http://127.0.0.1:1234/v1"),
		{
			Name:        DemoProvider,
			Endpoints:   []Endpoint{endpoint(DialectMessages, DemoBaseURL)},
			Families:    []string{"demo", "demo-*"},
			KeyOptional: true,
		},
	}
}

func endpoint(dialect, baseURL string) Endpoint {
	return Endpoint{Dialect: dialect, BaseURL: baseURL, Auth: DefaultAuth(dialect)}
}

// azure returns an endpoint of Azure's v1 surface (Microsoft "Azure OpenAI in Microsoft Foundry Models v1 API"). A key travels
// as api-key; a token of Entra ID is a bearer token.
func azure(dialect string) Endpoint {
	return Endpoint{Dialect: dialect, Auth: AuthScheme{Header: "Api-Key"}, Surface: SurfaceAzure}
}

// selfHosted returns a server on one's own machine. All of these document both /v1/chat/completions and /v1/completions
// (which alone can continue raw text); their younger messages and responses endpoints are left to `dialect`, as older
// versions of the servers do not have them.
func selfHosted(name, baseURL string) Provider {
	return Provider{
		Name:        name,
		Endpoints:   []Endpoint{endpoint(DialectChat, baseURL), endpoint(DialectCompletions, baseURL)},
		KeyOptional: true,
	}
}
