# Where and as whom; the policy is in variables_sweep.tf, the alarms are in variables_monitoring.tf.

variable "accepted_webhook_urls" {
  description = "Further URLs whose signatures the webhook accepts. Google's own is among them anyway. When a webhook_url_override is changed or taken away, list the old one here in the same change, or events are lost in between."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for url in var.accepted_webhook_urls : can(regex("^(https://|http://(127\\.0\\.0\\.1|localhost|\\[::1\\])[:/])[^,#\\s]+$", url))])
    error_message = "Each of accepted_webhook_urls must be a whole URL with https:// (http:// only on this machine), without comma and fragment."
  }
}

variable "bundle" {
  description = "Path of the bundle, the zip that the functions are built from. flexsweep builds it and passes the path."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists(var.bundle)
    error_message = "There is no file at the path given as bundle. Build it: flexsweep bundle prints its path."
  }
}

variable "chat_service_sids" {
  description = "The chat services (IS…) whose channels and conversations are retired. In Flex it is the Flex Chat Service."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.chat_service_sids) > 0 && alltrue([for sid in var.chat_service_sids : can(regex("^IS[0-9a-f]{32}$", sid))])
    error_message = "chat_service_sids must name at least one service, each as IS and 32 hexadecimal digits."
  }
}

variable "clock_url" {
  description = "Local only: the address of a server whose answers tell the time, in place of the machine's clock."
  type        = string
  default     = null

  validation {
    condition     = var.clock_url == null || can(regex("^http://(127\\.0\\.0\\.1|localhost|\\[::1\\])(:[0-9]+)?/?$", var.clock_url))
    error_message = "clock_url must be an http address on this machine: it exists for the fake Twilio only."
  }
}

variable "document_prefix" {
  description = "What the names of the ledger's documents begin with, before the channel's SID. Whoever changes it starts with an empty ledger."
  type        = string
  default     = "flexsweep-"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.document_prefix))
    error_message = "document_prefix must be 1 to 64 letters, digits, _ or -. It cannot be empty: Twilio refuses a bare SID as a name."
  }
}

variable "environment" {
  description = "Name of the environment; part of the name of everything that is made."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.environment))
    error_message = "environment must be lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "events_concurrency" {
  description = "Requests that one instance of EventStreams serves at once."
  type        = number
  default     = 40
  nullable    = false

  validation {
    condition     = var.events_concurrency >= 1 && var.events_concurrency <= 1000
    error_message = "events_concurrency must be 1 to 1000."
  }
}

variable "events_max_instances" {
  description = "Instances of EventStreams at most. Together they must stay under Twilio's rate limits: each makes up to twilio_requests_per_second."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.events_max_instances >= 1 && var.events_max_instances >= var.events_min_instances
    error_message = "events_max_instances must be at least 1 and not below events_min_instances."
  }
}

variable "events_min_instances" {
  description = "Instances of EventStreams kept warm. None is needed: Twilio repeats an event that met a cold start."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.events_min_instances >= 0
    error_message = "events_min_instances cannot be negative."
  }
}

variable "events_twilio_api_key" {
  description = "SID of an API key (SK…) for EventStreams alone, so that it can be revoked by itself. Null: twilio_api_key serves it, too."
  type        = string
  default     = null

  validation {
    condition     = var.events_twilio_api_key == null || can(regex("^SK[0-9a-f]{32}$", var.events_twilio_api_key))
    error_message = "events_twilio_api_key must be SK and 32 hexadecimal digits. The key's secret goes into events_twilio_api_secret."
  }
}

variable "events_twilio_api_secret" {
  description = "The secret of events_twilio_api_key. From the environment or Secret Manager, never from a committed file."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.events_twilio_api_key == null || can(regex("^[A-Za-z0-9]+$", var.events_twilio_api_secret))
    error_message = "events_twilio_api_key is given, so events_twilio_api_secret must be too, as letters and digits."
  }
}

variable "events_twilio_api_secret_version" {
  description = "Text of your choice that changes when the secret of events_twilio_api_key does."
  type        = string
  default     = "1"
  nullable    = false

  validation {
    condition     = length(var.events_twilio_api_secret_version) > 0 && var.events_twilio_api_secret_version != "0"
    error_message = "events_twilio_api_secret_version must be neither empty nor 0."
  }
}

variable "flex_flow" {
  description = "Legacy messaging only: a long-lived Flex Flow that hands its messages to a Studio flow. channel_type is web, sms, whatsapp, line, facebook or custom; contact_identity is the number or address that the flow answers, where the type has one."
  type        = object({ friendly_name = string, chat_service_sid = string, channel_type = string, studio_flow_sid = string, contact_identity = optional(string) })
  default     = null

  validation {
    condition     = var.flex_flow == null ? true : contains(["web", "sms", "whatsapp", "line", "facebook", "custom"], var.flex_flow.channel_type)
    error_message = "flex_flow.channel_type must be web, sms, whatsapp, line, facebook or custom."
  }

  validation {
    condition     = var.flex_flow == null ? true : can(regex("^FW[0-9a-f]{32}$", var.flex_flow.studio_flow_sid))
    error_message = "flex_flow.studio_flow_sid must be FW and 32 hexadecimal digits."
  }
}

variable "labels" {
  description = "Labels for everything in Google Cloud that takes labels, besides app and environment."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([for key, value in var.labels :
      can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))
    ])
    error_message = "labels must have keys and values of at most 63 lower-case letters, digits, underscores and hyphens; a key begins with a letter."
  }
}

variable "ledger_sid" {
  description = "SID of an existing Sync service (IS…) to take over as the ledger, where Terraform knows of none: after a lost state, say. Null: the ledger is the one in the state, or a new one."
  type        = string
  default     = null

  validation {
    condition     = var.ledger_sid == null || can(regex("^IS[0-9a-f]{32}$", var.ledger_sid))
    error_message = "ledger_sid must be IS and 32 hexadecimal digits."
  }
}

variable "name_prefix" {
  description = "What every name begins with; the environment follows."
  type        = string
  default     = "flexsweep"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name_prefix))
    error_message = "name_prefix must be lower-case letters, digits and hyphens, beginning with a letter."
  }

  validation {
    condition     = length("${var.name_prefix}-${var.environment}") <= 22
    error_message = "name_prefix and environment are too long: with the hyphen between them they may have 22 characters, because Google allows 30 for the name of a service account."
  }
}

variable "project_id" {
  description = "Google Cloud project."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be the ID of a Google Cloud project: 6 to 30 lower-case letters, digits and hyphens."
  }
}

variable "project_number" {
  description = "Number of that project, which the webhook's URL contains: gcloud projects describe PROJECT --format='value(projectNumber)'."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[1-9][0-9]{5,19}$", var.project_number))
    error_message = "project_number must be digits only; it is not the project's ID."
  }
}

variable "protected" {
  description = "Whether flexsweep refuses to delete or replace the ledger, the sink, the subscription or a secret unless each is named."
  type        = bool
  default     = true
  nullable    = false
}

variable "region" {
  description = "Google Cloud region of functions, bundle, secrets and schedule."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be the name of a Google Cloud region, such as europe-west1."
  }
}

variable "runtime" {
  description = "Runtime of the functions. Not older than the go line of go.mod."
  type        = string
  default     = "go126"
  nullable    = false

  validation {
    condition     = contains(["go126", "go127"], var.runtime)
    error_message = "runtime must be go126 or go127: older ones cannot build this code."
  }
}

variable "source_ranges" {
  description = "The only networks that deliveries may come from, such as 203.0.113.0/24; others get 429. Empty: all."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for range in var.source_ranges : can(cidrhost(range, 0))])
    error_message = "Each of source_ranges must be a network like 203.0.113.0/24."
  }
}

variable "sweep_twilio_api_key" {
  description = "SID of an API key (SK…) for Sweep alone, so that it can be revoked by itself. Null: twilio_api_key serves it, too."
  type        = string
  default     = null

  validation {
    condition     = var.sweep_twilio_api_key == null || can(regex("^SK[0-9a-f]{32}$", var.sweep_twilio_api_key))
    error_message = "sweep_twilio_api_key must be SK and 32 hexadecimal digits. The key's secret goes into sweep_twilio_api_secret."
  }
}

variable "sweep_twilio_api_secret" {
  description = "The secret of sweep_twilio_api_key. From the environment or Secret Manager, never from a committed file."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.sweep_twilio_api_key == null || can(regex("^[A-Za-z0-9]+$", var.sweep_twilio_api_secret))
    error_message = "sweep_twilio_api_key is given, so sweep_twilio_api_secret must be too, as letters and digits."
  }
}

variable "sweep_twilio_api_secret_version" {
  description = "Text of your choice that changes when the secret of sweep_twilio_api_key does."
  type        = string
  default     = "1"
  nullable    = false

  validation {
    condition     = length(var.sweep_twilio_api_secret_version) > 0 && var.sweep_twilio_api_secret_version != "0"
    error_message = "sweep_twilio_api_secret_version must be neither empty nor 0."
  }
}

variable "twilio_account_sid" {
  description = "The Twilio account (AC…)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^AC[0-9a-f]{32}$", var.twilio_account_sid))
    error_message = "twilio_account_sid must be AC and 32 hexadecimal digits."
  }
}

variable "twilio_api_key" {
  description = "SID of an API key (SK…) of that account. Terraform signs in with it, and so does a function that has none of its own."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^SK[0-9a-f]{32}$", var.twilio_api_key))
    error_message = "twilio_api_key must be SK and 32 hexadecimal digits. The key's secret goes into twilio_api_secret."
  }
}

variable "twilio_api_secret" {
  description = "The API key's secret. From the environment or Secret Manager, never from a committed file."
  type        = string
  nullable    = false
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = can(regex("^[A-Za-z0-9]+$", var.twilio_api_secret))
    error_message = "twilio_api_secret must be letters and digits; the Twilio provider refuses anything else. Is there a line break or a quote in it?"
  }
}

variable "twilio_api_secret_version" {
  description = "Text of your choice that changes when the API key's secret does."
  type        = string
  default     = "1"
  nullable    = false

  validation {
    condition     = length(var.twilio_api_secret_version) > 0 && var.twilio_api_secret_version != "0"
    error_message = "twilio_api_secret_version must be neither empty nor 0."
  }
}

variable "twilio_auth_token" {
  description = "The account's Auth Token, with which Twilio signs its requests. From the environment or Secret Manager, never from a committed file."
  type        = string
  nullable    = false
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = can(regex("^[A-Za-z0-9]+$", var.twilio_auth_token))
    error_message = "twilio_auth_token must be letters and digits. Is there a line break or a quote in it?"
  }
}

variable "twilio_auth_token_secondary" {
  description = "The other Auth Token while the two are exchanged; taken only if it has a version."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true
}

variable "twilio_auth_token_secondary_version" {
  description = "Text of your choice that changes when the second Auth Token does. Null outside a rotation: the slot is then empty."
  type        = string
  default     = null

  validation {
    condition     = var.twilio_auth_token_secondary_version == null || can(regex("^[A-Za-z0-9]+$", var.twilio_auth_token_secondary))
    error_message = "twilio_auth_token_secondary_version is given, so twilio_auth_token_secondary must be too, as letters and digits."
  }

  validation {
    condition     = try(length(var.twilio_auth_token_secondary_version) > 0 && var.twilio_auth_token_secondary_version != "0", true)
    error_message = "twilio_auth_token_secondary_version must be neither empty nor 0; null empties the slot."
  }
}

variable "twilio_auth_token_version" {
  description = "Text of your choice that changes when the Auth Token does."
  type        = string
  default     = "1"
  nullable    = false

  validation {
    condition     = length(var.twilio_auth_token_version) > 0 && var.twilio_auth_token_version != "0"
    error_message = "twilio_auth_token_version must be neither empty nor 0."
  }
}

variable "twilio_base_url" {
  description = "Local only: the address of a fake Twilio."
  type        = string
  default     = null

  validation {
    condition     = var.twilio_base_url == null || can(regex("^http://(127\\.0\\.0\\.1|localhost|\\[::1\\])(:[0-9]+)?/?$", var.twilio_base_url))
    error_message = "twilio_base_url must be an http address on this machine: it exists for the fake Twilio only."
  }
}

variable "twilio_requests_per_second" {
  description = "Requests to Twilio that one instance of a function makes in a second at most."
  type        = number
  default     = 50
  nullable    = false

  validation {
    condition     = var.twilio_requests_per_second >= 10 && var.twilio_requests_per_second <= 100000
    error_message = "twilio_requests_per_second must be a number from 10 to 100000. With fewer the webhook cannot store a delivery in the time that it has."
  }
}

variable "webhook_url_override" {
  description = "The webhook's public URL where it is not Google's: behind a domain of your own, or local."
  type        = string
  default     = null

  validation {
    condition     = var.webhook_url_override == null || can(regex("^(https://|http://(127\\.0\\.0\\.1|localhost|\\[::1\\])[:/])[^,#\\s]+$", var.webhook_url_override))
    error_message = "webhook_url_override must be a whole URL with https:// (http:// only on this machine), without comma and fragment, exactly as Twilio is to call and sign it."
  }
}

variable "workspace_sids" {
  description = "The TaskRouter workspaces (WS…) whose events count. Empty: all of the account's."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for sid in var.workspace_sids : can(regex("^WS[0-9a-f]{32}$", sid))])
    error_message = "Each of workspace_sids must be WS and 32 hexadecimal digits."
  }
}
