# Whom the alerts tell, and from where on.

variable "alert_emails" {
  description = "E-mail addresses that the alerts go to."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "Each of alert_emails must be an e-mail address."
  }
}

variable "alert_error_ratio" {
  description = "Alert when more than this share of the channels that sweeps worked on in an hour has failed."
  type        = number
  default     = 0.2
  nullable    = false

  validation {
    condition     = var.alert_error_ratio > 0 && var.alert_error_ratio < 1
    error_message = "alert_error_ratio must be above 0 and below 1."
  }
}

variable "alert_late_minutes" {
  description = "Alert when one channel in twenty was retired by a sweep later than so many minutes after it was due. A twentieth of the default retention."
  type        = number
  default     = 144
  nullable    = false

  validation {
    condition     = var.alert_late_minutes >= 45
    error_message = "alert_late_minutes must be 45 or more."
  }
}

variable "alert_no_sweep_minutes" {
  description = "Alert when no sweep has succeeded for so many minutes: two periods of the schedule."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.alert_no_sweep_minutes >= 2 && var.alert_no_sweep_minutes <= 1440 && floor(var.alert_no_sweep_minutes) == var.alert_no_sweep_minutes
    error_message = "alert_no_sweep_minutes must be a whole number, 2 to 1440: Cloud Monitoring looks back one day."
  }

  validation {
    # Only for schedules of the form */N; cron's other forms are the operator's to reckon.
    condition     = var.alert_no_sweep_minutes >= 2 * try(tonumber(regex("^\\*/([0-9]+) ", var.schedule)[0]), 0)
    error_message = "alert_no_sweep_minutes must be at least two periods of the schedule, or the alert fires between sweeps."
  }
}

variable "alert_open_task_days" {
  description = "Alert when a task has been open for more than so many days: Twilio itself ends or reroutes tasks after fourteen."
  type        = number
  default     = 21
  nullable    = false

  validation {
    condition     = var.alert_open_task_days >= 1
    error_message = "alert_open_task_days must be 1 or more."
  }
}

variable "alert_overdue_minutes" {
  description = "Alert when every sweep of an hour has found a channel that was overdue by more than so many minutes."
  type        = number
  default     = 240
  nullable    = false

  validation {
    condition     = var.alert_overdue_minutes >= 1
    error_message = "alert_overdue_minutes must be 1 or more."
  }
}

variable "alert_pass_hours" {
  description = "Alert when the last pass over the whole ledger began more than so many hours ago."
  type        = number
  default     = 6
  nullable    = false

  validation {
    condition     = var.alert_pass_hours >= 1
    error_message = "alert_pass_hours must be 1 or more."
  }
}

variable "alert_signatures_refused" {
  description = "Alert when the webhook has logged more refusals of a well-formed signature than this in ten minutes: an instance logs one a minute. Not 0: the URL is public, and scanners knock."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.alert_signatures_refused >= 0
    error_message = "alert_signatures_refused cannot be negative."
  }
}

variable "alert_webhook_errors" {
  description = "Alert when the webhook has answered more than so many requests with 5xx in ten minutes. Twilio repeats them for four hours."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.alert_webhook_errors >= 0
    error_message = "alert_webhook_errors cannot be negative."
  }
}

variable "disabled_alerts" {
  description = "Names of alerts that are not to fire, as in docs/runbook.md."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition = length(setsubtract(var.disabled_alerts, [
      "channels-late", "error-ratio", "events-quarantined", "failing-channels", "foreign-events", "irrecoverable", "no-sweep",
      "old-tasks", "overdue-growing", "pass-behind", "signatures-refused", "stale-events", "sweep-refused", "task-lookups", "webhook-errors",
    ])) == 0
    error_message = "disabled_alerts must name alerts: channels-late, error-ratio, events-quarantined, failing-channels, foreign-events, irrecoverable, no-sweep, old-tasks, overdue-growing, pass-behind, signatures-refused, stale-events, sweep-refused, task-lookups, webhook-errors."
  }
}

variable "notification_channels" {
  description = "Existing notification channels of Cloud Monitoring that the alerts go to as well, such as projects/P/notificationChannels/1."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for channel in var.notification_channels : can(regex("^projects/[^/]+/notificationChannels/[0-9]+$", channel))])
    error_message = "Each of notification_channels must be projects/PROJECT/notificationChannels/NUMBER."
  }
}

variable "runbook_url" {
  description = "Where the alerts' runbook can be read; they link to the heading of their name."
  type        = string
  default     = "https://github.com/flexsweep/flexsweep/blob/main/docs/runbook.md"
  nullable    = false

  validation {
    condition     = can(regex("^https://[^#\\s]+$", var.runbook_url))
    error_message = "runbook_url must be an https URL without a fragment."
  }
}
