# Pins how events reach the webhook. A URL that differs by a character between sink and function makes every signature
# wrong: all events are refused, and after four hours Twilio never sends them again. A lost lifecycle rule makes a gap, in
# which events are lost, each time the URL or the types change.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "twilio" {
  source          = "./tests/mocks"
  override_during = plan
}

run "sink_and_function_have_the_same_url" {
  command = plan

  assert {
    condition     = jsondecode(twilio_events_sinks_v1.webhook.sink_configuration).destination == output.functions.EventStreams.environment.WEBHOOK_URLS
    error_message = "Twilio signs the sink's URL; the function must check against that very text."
  }

  assert {
    condition     = output.webhook_url == "https://flexsweep-test-events-100000000000.europe-west1.run.app/event-streams"
    error_message = "The URL is computed from names, as Cloud Run makes it of function, project number and region."
  }

  assert {
    condition     = twilio_events_sinks_v1.webhook.sink_configuration == "{\"batch_events\":false,\"destination\":\"${output.webhook_url}\",\"method\":\"POST\"}"
    error_message = "The configuration must be in the form that the provider keeps: keys sorted, no spaces, booleans as such."
  }
}

run "an_override_reaches_both" {
  command = plan

  variables {
    webhook_url_override = "https://events.example.com/twilio?x=1&y=2"
  }

  assert {
    condition     = jsondecode(twilio_events_sinks_v1.webhook.sink_configuration).destination == var.webhook_url_override && split(",", output.functions.EventStreams.environment.WEBHOOK_URLS)[0] == var.webhook_url_override
    error_message = "The override must reach sink and function unchanged."
  }

  assert {
    condition     = split(",", output.functions.EventStreams.environment.WEBHOOK_URLS)[1] == run.sink_and_function_have_the_same_url.webhook_url
    error_message = "The URL of before must stay accepted while the sink is replaced, or the events of that moment are lost."
  }
}

run "the_subscription_has_the_types_that_go_lists" {
  command = plan

  assert {
    condition     = [for type in twilio_events_subscriptions_v1.tasks.types : jsondecode(type).type] == jsondecode(file("event_types.tf.json")).locals.event_types
    error_message = "The subscription's types must be those of event_types.tf.json, in its order: another order replaces the subscription."
  }

  assert {
    condition     = output.event_types == sort(distinct(output.event_types)) && length(output.event_types) > 0
    error_message = "The types must be sorted and without repetition."
  }

  assert {
    condition     = alltrue([for end in ["canceled", "completed", "deleted", "system-deleted"] : contains(output.event_types, "com.twilio.taskrouter.task.${end}")])
    error_message = "A task can end in four ways; a channel whose end is not heard of is kept for ever."
  }
}

# The order itself (new sink, new subscription, then the old ones go) is seen in test/tfdouble against the fake; a plan
# cannot show it to an assertion. This keeps the rules that make it from being tidied away.
run "replacement_leaves_no_gap" {
  command = plan

  module {
    source = "./tests/source"
  }

  assert {
    condition     = alltrue([for path in ["sink.tf", "subscription.tf"] : can(regex("create_before_destroy\\s*=\\s*true", output.files[path]))])
    error_message = "Sink and subscription must both be made before the old ones go."
  }

  assert {
    condition     = can(regex("replace_triggered_by\\s*=\\s*\\[twilio_events_sinks_v1\\.webhook\\.sid\\]", output.files["subscription.tf"]))
    error_message = "A subscription cannot move to another sink, so a new sink needs a new subscription."
  }
}
