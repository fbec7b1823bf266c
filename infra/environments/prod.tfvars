# The real thing. Protected: flexsweep refuses a plan that deletes or replaces the ledger, the sink, the
# subscription, a secret, a function or who may call it, unless each is named with --allow.
environment = "prod"
protected   = true

# The Google Cloud project, and its number:
#   gcloud projects describe PROJECT --format='value(projectNumber)'
project_id     = "your-prod-project"
project_number = "100000000000"
region         = "europe-west1"

# The Twilio account, an API key of it, and its Flex Chat Service. The key's secret and the Auth Token are not
# written here: they come from TWILIO_API_SECRET and TWILIO_AUTH_TOKEN (docs/deploy.md).
twilio_account_sid = "AC00000000000000000000000000000000"
twilio_api_key     = "SK00000000000000000000000000000000"
chat_service_sids  = ["IS00000000000000000000000000000000"]

retention = "48h"
schedule  = "*/15 * * * *"

# The first week: report only. Then false (docs/deploy.md, "Switching on").
dry_run = true
