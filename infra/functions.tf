# Two functions from one bundle. Their settings are written by flexsweep generate (settings.tf): each is the
# variable of its name.

locals {
  # What building needs: a function waits for it when it changes.
  functions_build_roles = { for role, binding in google_project_iam_member.build : role => join(" ", [binding.member, try(binding.condition[0].expression, "")]) }

  # Terraform's key, unless a function has one of its own.
  twilio_api_keys = {
    EventStreams = coalesce(var.events_twilio_api_key, var.twilio_api_key)
    Sweep        = coalesce(var.sweep_twilio_api_key, var.twilio_api_key)
  }

  functions_source = {
    bucket     = google_storage_bucket.source.name
    object     = google_storage_bucket_object.bundle.name
    generation = google_storage_bucket_object.bundle.generation
  }
}

# Public: Twilio cannot sign in to Google. The gate is X-Twilio-Signature, which the function checks first.
module "event_streams" {
  source = "./modules/function"

  project_id            = local.project_id
  region                = var.region
  name                  = local.function_names.EventStreams
  description           = "Twilio Event Streams to the ledger"
  entry_point           = "EventStreams"
  runtime               = var.runtime
  bundle                = local.functions_source
  build_service_account = google_service_account.build.email
  build_roles           = local.functions_build_roles
  invokers              = { twilio = "allUsers" }

  # An event is a few milliseconds of work and two calls to Twilio, so one instance serves many at once.
  # Twilio gives up after 5 seconds and sends the event again; nothing is gained by working on.
  available_cpu    = "1"
  available_memory = "256Mi"
  concurrency      = var.events_concurrency
  min_instances    = var.events_min_instances
  max_instances    = var.events_max_instances
  timeout_seconds  = 10

  environment_variables = local.settings.EventStreams

  secret_environment_variables = merge(
    {
      TWILIO_API_SECRET = local.mounted_secrets[var.events_twilio_api_key == null ? "TWILIO_API_SECRET" : "EVENTS_TWILIO_API_SECRET"]
      TWILIO_AUTH_TOKEN = local.mounted_secrets.TWILIO_AUTH_TOKEN
      SYNC_SERVICE_SID  = local.mounted_ledger
    },
    # Asked of the variable: whether a secret that is still to be made is null, nobody knows when planning.
    { for name, mounted in {
      TWILIO_AUTH_TOKEN_SECONDARY = try(local.mounted_secrets.TWILIO_AUTH_TOKEN_SECONDARY, null)
    } : name => mounted if var.twilio_auth_token_secondary_version != null },
  )
}

# Private: only the invoker's account may call it. One instance and one request at a time, so that
# two runs of the schedule never overlap.
module "sweep" {
  source = "./modules/function"

  project_id            = local.project_id
  region                = var.region
  name                  = local.function_names.Sweep
  description           = "Retires the channels whose time has come"
  entry_point           = "Sweep"
  runtime               = var.runtime
  bundle                = local.functions_source
  build_service_account = google_service_account.build.email
  build_roles           = local.functions_build_roles
  invokers              = { scheduler = google_service_account.invoker.member }

  available_cpu    = "1"
  available_memory = "256Mi"
  concurrency      = 1
  min_instances    = 0
  max_instances    = 1
  timeout_seconds  = var.sweep_timeout_seconds

  environment_variables = local.settings.Sweep

  # No Auth Token: the sweep checks no signatures, and the API key is enough for its calls.
  secret_environment_variables = {
    TWILIO_API_SECRET = local.mounted_secrets[var.sweep_twilio_api_key == null ? "TWILIO_API_SECRET" : "SWEEP_TWILIO_API_SECRET"]
    SYNC_SERVICE_SID  = local.mounted_ledger
  }
}
