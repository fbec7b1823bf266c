# The values are write-only and come from ephemeral variables: neither plan nor state has them.
# A new value takes effect only together with a new version: bump twilio_…_version.

locals {
  # The first three slots always exist; the one for the second Auth Token is filled during a rotation only. A key of a
  # function's own has a slot when it is given.
  secrets = merge(
    {
      TWILIO_API_SECRET           = "twilio-api-secret"
      TWILIO_AUTH_TOKEN           = "twilio-auth-token"
      TWILIO_AUTH_TOKEN_SECONDARY = "twilio-auth-token-secondary"
    },
    var.events_twilio_api_key == null ? {} : { EVENTS_TWILIO_API_SECRET = "events-twilio-api-secret" },
    var.sweep_twilio_api_key == null ? {} : { SWEEP_TWILIO_API_SECRET = "sweep-twilio-api-secret" },
  )

  secret_versions = { for name, version in {
    TWILIO_API_SECRET           = var.twilio_api_secret_version
    TWILIO_AUTH_TOKEN           = var.twilio_auth_token_version
    TWILIO_AUTH_TOKEN_SECONDARY = var.twilio_auth_token_secondary_version
    EVENTS_TWILIO_API_SECRET    = var.events_twilio_api_secret_version
    SWEEP_TWILIO_API_SECRET     = var.sweep_twilio_api_secret_version
  } : name => version if version != null && contains(keys(local.secrets), name) }

  # What a function mounts: the very version, so that a rotation makes a new revision, and a
  # running one never changes under its feet.
  mounted_secrets = { for name in keys(local.secret_versions) : name => {
    secret  = google_secret_manager_secret.this[name].secret_id
    version = google_secret_manager_secret_version.this[name].version
  } }

  mounted_ledger = {
    secret  = google_secret_manager_secret.ledger.secret_id
    version = google_secret_manager_secret_version.ledger.version
  }
}

resource "google_secret_manager_secret" "this" {
  for_each = local.secrets

  project   = local.project_id
  secret_id = "${local.name}-${each.value}"

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  lifecycle {
    # A secret stays where it was made when the region changes: another would need another name, because its versions
    # force create_before_destroy on it.
    ignore_changes = [replication]
  }
}

resource "google_secret_manager_secret_version" "this" {
  for_each = local.secret_versions

  secret = google_secret_manager_secret.this[each.key].id
  secret_data_wo = {
    TWILIO_API_SECRET           = var.twilio_api_secret
    TWILIO_AUTH_TOKEN           = var.twilio_auth_token
    TWILIO_AUTH_TOKEN_SECONDARY = var.twilio_auth_token_secondary
    EVENTS_TWILIO_API_SECRET    = var.events_twilio_api_secret
    SWEEP_TWILIO_API_SECRET     = var.sweep_twilio_api_secret
  }[each.key]
  secret_data_wo_version = each.value

  lifecycle {
    # The old version goes after the functions have left it.
    create_before_destroy = true
  }
}

# No secret, but an environment variable by the secrets' way: the provider cannot plan one of the usual kind on a
# function that exists while the value is unknown, as the SID of a new ledger is. It took two applies.
resource "google_secret_manager_secret" "ledger" {
  project   = local.project_id
  secret_id = "${local.name}-sync-service-sid"

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  lifecycle {
    ignore_changes = [replication] # as above

    # Google answers with the number, whatever it was asked by. A wrong one shows here, within the first minutes, and
    # not by events that reach no function.
    postcondition {
      condition     = split("/", self.name)[1] == var.project_number
      error_message = "project_number is ${var.project_number}, and the number of ${var.project_id} is ${split("/", self.name)[1]}: the webhook's URL would lead to another project."
    }
  }
}

resource "google_secret_manager_secret_version" "ledger" {
  secret                 = google_secret_manager_secret.ledger.id
  secret_data_wo         = twilio_sync_services_v1.ledger.sid
  secret_data_wo_version = twilio_sync_services_v1.ledger.sid

  lifecycle {
    create_before_destroy = true
  }
}
