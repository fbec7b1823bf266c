# The policy: when channels are retired, how, and what holds a sweep back. Durations are Go's (timeadd reads them
# as the function does). The bounds are those of cloudfunction/settings.go, and a test holds them to it; here they
# fail the plan.

variable "chat_disposition" {
  description = "How a Programmable Chat channel is retired: deactivate keeps its history, delete does not."
  type        = string
  default     = "deactivate"
  nullable    = false

  validation {
    condition     = contains(["deactivate", "delete"], var.chat_disposition)
    error_message = "chat_disposition must be deactivate or delete."
  }
}

variable "conversations_disposition" {
  description = "How a conversation is retired: close keeps its history, delete does not. Neither can be undone."
  type        = string
  default     = "close"
  nullable    = false

  validation {
    condition     = contains(["close", "delete"], var.conversations_disposition)
    error_message = "conversations_disposition must be close or delete."
  }
}

variable "dry_run" {
  description = "Whether the scheduled sweep only reports what it would retire. Begin with true, read the reports for a week, then turn it off."
  type        = bool
  default     = true
  nullable    = false
}

variable "max_due_share" {
  description = "Ignored, and gone in the next release: max_unexplained has taken its place."
  type        = number
  default     = null
}

variable "max_due_share_min_records" {
  description = "Ignored, and gone in the next release: max_unexplained has taken its place."
  type        = number
  default     = null
}

variable "max_retirements_per_run" {
  description = "Channels that one sweep retires at most; the rest waits for the next."
  type        = number
  default     = 1000
  nullable    = false

  validation {
    condition     = var.max_retirements_per_run >= 1 && var.max_retirements_per_run <= 50000 && floor(var.max_retirements_per_run) == var.max_retirements_per_run
    error_message = "max_retirements_per_run must be a whole number from 1 to 50000."
  }
}

variable "max_unexplained" {
  description = "Channels that a pass over the ledger may find due although the last pass should have met them. More is an accident of a clock or a setting, and sweeps are refused."
  type        = number
  default     = 200
  nullable    = false

  validation {
    condition     = var.max_unexplained >= 1 && var.max_unexplained <= 100000 && floor(var.max_unexplained) == var.max_unexplained
    error_message = "max_unexplained must be a whole number from 1 to 100000."
  }
}

variable "open_task_check" {
  description = "Whether TaskRouter is asked for unfinished tasks that name a channel before it is closed or deleted: on or off."
  type        = string
  default     = "on"
  nullable    = false

  validation {
    condition     = contains(["on", "off"], var.open_task_check)
    error_message = "open_task_check must be on or off."
  }
}

variable "quiet_period" {
  description = "Before a channel is closed or deleted for good, its newest message must be this old."
  type        = string
  default     = "10m"
  nullable    = false

  validation {
    condition = try(
      timecmp(timeadd("2000-01-01T00:00:00Z", var.quiet_period), timeadd("2000-01-01T00:00:00Z", "0s")) >= 0 &&
      timecmp(timeadd("2000-01-01T00:00:00Z", var.quiet_period), timeadd("2000-01-01T00:00:00Z", "24h")) <= 0,
      false
    )
    error_message = "quiet_period must be a duration like 90m or 48h, from 0s to 24h."
  }
}

variable "retention" {
  description = "How long a channel is kept after the last task on it has ended."
  type        = string
  default     = "48h"
  nullable    = false

  validation {
    condition = try(
      timecmp(timeadd("2000-01-01T00:00:00Z", var.retention), timeadd("2000-01-01T00:00:00Z", "0s")) >= 0 &&
      timecmp(timeadd("2000-01-01T00:00:00Z", var.retention), timeadd("2000-01-01T00:00:00Z", "43800h")) <= 0,
      false
    )
    error_message = "retention must be a duration like 90m or 48h, from 0s to 43800h."
  }

  validation {
    condition     = try(timecmp(timeadd("2000-01-01T00:00:00Z", var.retention), timeadd("2000-01-01T00:00:00Z", coalesce(var.retention_floor_override, "1h"))) >= 0, true)
    error_message = "retention is below the floor of 1h. Whoever really wants that sets retention_floor_override."
  }
}

variable "retention_by_channel_type" {
  description = "Other retentions by channel type, such as { web = \"1h\", whatsapp = \"24h\" }."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = length(setsubtract(keys(var.retention_by_channel_type), [
      "chat", "email", "gbm", "messenger", "other", "rcs", "sms", "voice", "web", "whatsapp",
    ])) == 0
    error_message = "retention_by_channel_type names a channel type that is none of chat, email, gbm, messenger, other, rcs, sms, voice, web, whatsapp."
  }

  validation {
    condition     = alltrue([for kept in values(var.retention_by_channel_type) : try(timecmp(timeadd("2000-01-01T00:00:00Z", kept), timeadd("2000-01-01T00:00:00Z", "43800h")) <= 0, false)])
    error_message = "retention_by_channel_type must map channel types to durations like 90m or 48h, up to 43800h."
  }

  validation {
    condition     = alltrue([for kept in values(var.retention_by_channel_type) : try(timecmp(timeadd("2000-01-01T00:00:00Z", kept), timeadd("2000-01-01T00:00:00Z", coalesce(var.retention_floor_override, "1h"))) >= 0, true)])
    error_message = "A retention in retention_by_channel_type is below the floor of 1h. Whoever really wants that sets retention_floor_override."
  }
}

variable "retention_floor_override" {
  description = "A floor under all retentions in place of the built-in 1h. Null keeps that."
  type        = string
  default     = null

  validation {
    condition = var.retention_floor_override == null || try(
      timecmp(timeadd("2000-01-01T00:00:00Z", var.retention_floor_override), timeadd("2000-01-01T00:00:00Z", "0s")) >= 0 &&
      timecmp(timeadd("2000-01-01T00:00:00Z", var.retention_floor_override), timeadd("2000-01-01T00:00:00Z", "1h")) <= 0,
      false
    )
    error_message = "retention_floor_override must be a duration like 90m or 48h, from 0s to 1h, which is the floor that it lifts."
  }
}

variable "schedule" {
  description = "When the sweep runs, as cron writes it: minute, hour, day of the month, month, day of the week."
  type        = string
  default     = "*/15 * * * *"
  nullable    = false

  validation {
    condition     = can(regex("^(\\S+\\s+){4}\\S+$", trimspace(var.schedule))) && can(regex("^[-0-9A-Za-z*/,\\s]+$", var.schedule))
    error_message = "schedule must be five fields of cron, such as */15 * * * *."
  }
}

variable "schedule_paused" {
  description = "Whether the schedule stands still. To stop at once and without a deployment use flexsweep pause."
  type        = bool
  default     = false
  nullable    = false
}

variable "sweep_attempt_deadline_seconds" {
  description = "Cloud Scheduler waits this long for a sweep to answer."
  type        = number
  default     = 1800
  nullable    = false

  validation {
    condition     = var.sweep_attempt_deadline_seconds >= 15 && var.sweep_attempt_deadline_seconds <= 1800
    error_message = "sweep_attempt_deadline_seconds must be 15 to 1800."
  }
}

variable "sweep_concurrency" {
  description = "Channels that a sweep works on at once."
  type        = number
  default     = 8
  nullable    = false

  validation {
    condition     = var.sweep_concurrency >= 1 && var.sweep_concurrency <= 256 && floor(var.sweep_concurrency) == var.sweep_concurrency
    error_message = "sweep_concurrency must be a whole number from 1 to 256."
  }
}

variable "sweep_retry_count" {
  description = "How often Cloud Scheduler tries again when a sweep has failed."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = contains([0, 1, 2, 3, 4, 5], var.sweep_retry_count)
    error_message = "sweep_retry_count must be a whole number, 0 to 5."
  }
}

variable "sweep_timeout_seconds" {
  description = "A sweep may take this long; it stops by itself in good time before. A claim keeps other sweeps away for 30 minutes, which must be longer."
  type        = number
  default     = 1500
  nullable    = false

  validation {
    condition     = var.sweep_timeout_seconds >= 60 && var.sweep_timeout_seconds <= 1740 && floor(var.sweep_timeout_seconds) == var.sweep_timeout_seconds
    error_message = "sweep_timeout_seconds must be a whole number from 60 to 1740, so that a sweep is over before its claims are."
  }

  validation {
    condition     = var.sweep_timeout_seconds < var.sweep_attempt_deadline_seconds
    error_message = "sweep_timeout_seconds must be below sweep_attempt_deadline_seconds, or Cloud Scheduler gives up on a sweep that is still at work, and repeats it."
  }
}

variable "sweep_url_override" {
  description = "Local only: the URL that the schedule calls in place of the function's own."
  type        = string
  default     = null

  validation {
    condition     = var.sweep_url_override == null || can(regex("^http://(127\\.0\\.0\\.1|localhost|\\[::1\\])[:/]", var.sweep_url_override))
    error_message = "sweep_url_override must be an http URL on this machine."
  }
}

variable "task_lookup_after" {
  description = "A task that has been open for longer is looked up in TaskRouter, since its end may never have been heard."
  type        = string
  default     = "24h"
  nullable    = false

  validation {
    condition = try(
      timecmp(timeadd("2000-01-01T00:00:00Z", var.task_lookup_after), timeadd("2000-01-01T00:00:00Z", "1h")) >= 0 &&
      timecmp(timeadd("2000-01-01T00:00:00Z", var.task_lookup_after), timeadd("2000-01-01T00:00:00Z", "720h")) <= 0,
      false
    )
    error_message = "task_lookup_after must be a duration like 90m or 48h, from 1h to 720h."
  }
}

variable "task_lookups_per_run" {
  description = "Tasks that one sweep looks up at most."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.task_lookups_per_run >= 0 && var.task_lookups_per_run <= 1000 && floor(var.task_lookups_per_run) == var.task_lookups_per_run
    error_message = "task_lookups_per_run must be a whole number from 0 to 1000."
  }
}

variable "time_zone" {
  description = "Time zone of the schedule, by its IANA name."
  type        = string
  default     = "Etc/UTC"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$", var.time_zone))
    error_message = "time_zone must be an IANA name, such as Europe/Berlin."
  }
}

variable "tombstone_ttl" {
  description = "How long the record of a retired channel stays, for flexsweep explain and undo."
  type        = string
  default     = "72h"
  nullable    = false

  validation {
    condition = try(
      timecmp(timeadd("2000-01-01T00:00:00Z", var.tombstone_ttl), timeadd("2000-01-01T00:00:00Z", "24h")) >= 0 &&
      timecmp(timeadd("2000-01-01T00:00:00Z", var.tombstone_ttl), timeadd("2000-01-01T00:00:00Z", "8760h")) <= 0,
      false
    )
    error_message = "tombstone_ttl must be a duration like 90m or 48h, from 24h to 8760h. Twilio repeats events for hours, and the tombstone is what tells them to be old; a year is as long as Twilio keeps a document that expires."
  }
}

variable "unconfirmed_retention" {
  description = "How long a channel is kept of which no created event of any of its tasks was seen. Not below retention, which takes the place of the default where it is longer."
  type        = string
  default     = "168h"
  nullable    = false

  validation {
    condition = try(
      timecmp(timeadd("2000-01-01T00:00:00Z", var.unconfirmed_retention), timeadd("2000-01-01T00:00:00Z", "0s")) >= 0 &&
      timecmp(timeadd("2000-01-01T00:00:00Z", var.unconfirmed_retention), timeadd("2000-01-01T00:00:00Z", "43800h")) <= 0,
      false
    )
    error_message = "unconfirmed_retention must be a duration like 90m or 48h, from 0s to 43800h."
  }

  validation {
    condition     = var.unconfirmed_retention == "168h" || try(timecmp(timeadd("2000-01-01T00:00:00Z", var.unconfirmed_retention), timeadd("2000-01-01T00:00:00Z", var.retention)) >= 0, true)
    error_message = "unconfirmed_retention must not be below retention."
  }
}

# A warning of every plan and apply that still gives them.
check "replaced_variables" {
  assert {
    condition     = var.max_due_share == null && var.max_due_share_min_records == null
    error_message = "max_due_share and max_due_share_min_records are ignored: max_unexplained has taken their place. Take them out of the .tfvars."
  }
}
