package accounts

// Surface names how a cloud serves a dialect that is another vendor's: with paths, versions, framing or signatures of its
// own. "" is the dialect's own vendor's way.
type Surface string

// The surfaces.
const (
	// SurfaceAzure is Azure OpenAI: deployments in place of models, and dated versions in the query (Microsoft "Azure OpenAI
	// in Azure AI Foundry Models REST API reference").
	SurfaceAzure Surface = "azure"
	// SurfaceVertex is Google's Vertex AI: models of several vendors below a project and a location (Google "Vertex AI REST API",
	// projects.locations.publishers.models).
	SurfaceVertex Surface = "vertex"
	// SurfaceBedrock is Amazon Bedrock: Anthropic's models behind InvokeModel and InvokeModelWithResponseStream (AWS "Amazon
	// Bedrock API Reference").
	SurfaceBedrock Surface = "bedrock"
)

// Azure's base URLs end so: with its v1 surface, which names the deployment in the body as "model", and with the dated one,
// which has it in the path.
const (
	AzureV1    = "/openai/v1"
	AzureDated = "/openai"
)

// Deployment returns what the account's provider calls a model: what the owner says, or else the model's own name.
func (a *Account) Deployment(model string) string {
	if name, ok := a.Deployments[model]; ok {
		return name
	}
	return model
}
