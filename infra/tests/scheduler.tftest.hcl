# Pins when and how the sweep is called. A deadline below the function's timeout makes Cloud Scheduler repeat a sweep that
# is still at work; a body that is not what the function reads makes a dry run of a real one, or worse.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "twilio" {
  source          = "./tests/mocks"
  override_during = plan
}

run "a_sweep_is_over_before_anyone_gives_up_on_it" {
  command = plan

  assert {
    condition     = tonumber(trimsuffix(google_cloud_scheduler_job.sweep.attempt_deadline, "s")) > output.functions.Sweep.timeout_seconds
    error_message = "The schedule's deadline must be above the function's timeout."
  }

  assert {
    condition     = output.functions.Sweep.timeout_seconds <= 1740
    error_message = "A sweep must be over before its claims run out, after 30 minutes."
  }

  assert {
    condition     = google_cloud_scheduler_job.sweep.retry_config[0].retry_count > 0
    error_message = "A sweep that failed is tried again."
  }
}

run "it_is_dry_until_switched_on" {
  command = plan

  assert {
    condition     = jsondecode(base64decode(google_cloud_scheduler_job.sweep.http_target[0].body)) == { dryRun = true, tick = true } && google_cloud_scheduler_job.sweep.http_target[0].http_method == "POST"
    error_message = "Without a word about it the schedule must only report; and each call is a tick, or every one would read the whole ledger."
  }
}

run "switched_on_it_is_not" {
  command = plan

  variables {
    dry_run = false
  }

  assert {
    condition     = base64decode(google_cloud_scheduler_job.sweep.http_target[0].body) == "{\"dryRun\":false,\"tick\":true}" && output.scheduler_job.body == "{\"dryRun\":false,\"tick\":true}"
    error_message = "dry_run = false must reach the function."
  }
}

run "it_calls_the_function_unless_told_otherwise" {
  command = plan

  assert {
    condition     = google_cloud_scheduler_job.sweep.http_target[0].uri == output.functions.Sweep.url
    error_message = "The schedule must call the sweep's own URL."
  }
}
