package google

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"path"
	"strconv"

	"github.com/flexsweep/flexsweep/test/tfdouble/applied"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

func functionFile(state plan.Object) string {
	return path.Join(applied.FunctionsFolder, value.Text(state["name"])+".json")
}

// writeFunction keeps what a local runner needs to run the function.
func writeFunction(p *Provider, state plan.Object) error {
	build, service := only(state["build_config"]), only(state["service_config"])
	source := only(only(build["source"])["storage_source"])
	f := applied.Function{
		Name: value.Text(state["name"]), Project: value.Text(state["project"]), Location: value.Text(state["location"]),
		URL: value.Text(state["url"]), URI: value.Text(service["uri"]),
		Runtime: value.Text(build["runtime"]), EntryPoint: value.Text(build["entry_point"]),
		EnvironmentVariables: texts(service["environment_variables"]),
		Secrets:              p.secrets(service["secret_environment_variables"]),
		TimeoutSeconds:       number(service["timeout_seconds"]),
		ServiceAccount:       value.Text(service["service_account_email"]),
		Ingress:              value.Text(service["ingress_settings"]),
		MaxInstances:         number(service["max_instance_count"]),
		MinInstances:         number(service["min_instance_count"]),
		Concurrency:          number(service["max_instance_request_concurrency"]),
		Memory:               value.Text(service["available_memory"]),
		CPU:                  value.Text(service["available_cpu"]),
		Bundle: applied.Bundle{
			Bucket: value.Text(source["bucket"]), Object: value.Text(source["object"]),
			Generation: value.Text(source["generation"]),
			File:       path.Join(applied.ObjectsFolder, value.Text(source["bucket"]), value.Text(source["object"])),
		},
	}
	if !p.store.has(f.Bundle.File) {
		return fmt.Errorf("the source of function %q, object %q of bucket %q, does not exist", f.Name, f.Bundle.Object, f.Bundle.Bucket)
	}
	return p.store.writeJSON(functionFile(state), f)
}

// secrets gives the secret variables; one whose version does not exist is
// left without a file, and the function fails to start as in Cloud Run.
func (p *Provider) secrets(blocks any) []applied.Secret {
	elements, _ := blocks.([]any)
	secrets := make([]applied.Secret, 0, len(elements))
	for _, element := range elements {
		block, _ := element.(plan.Object)
		s := applied.Secret{
			Key: value.Text(block["key"]), Project: value.Text(block["project_id"]),
			Secret: last(value.Text(block["secret"])), Version: value.Text(block["version"]),
		}
		version := s.Version
		if version == "latest" {
			version = strconv.Itoa(p.store.newest(s.Secret))
		}
		if file := versionFile(s.Secret, version); p.store.has(file) {
			s.File = file
		}
		secrets = append(secrets, s)
	}
	return secrets
}

func jobFile(state plan.Object) string {
	return path.Join(applied.JobsFolder, value.Text(state["name"])+".json")
}

// writeJob keeps what a local scheduler needs to honour the job.
func writeJob(p *Provider, state plan.Object) error {
	target := only(state["http_target"])
	oidc := only(target["oidc_token"])
	body, err := base64.StdEncoding.DecodeString(value.Text(target["body"]))
	if err != nil {
		return fmt.Errorf("decode the body of job %q, which must be base64: %w", value.Text(state["name"]), err)
	}
	return p.store.writeJSON(jobFile(state), applied.Job{
		Name: value.Text(state["name"]), Project: value.Text(state["project"]), Region: value.Text(state["region"]),
		Schedule: value.Text(state["schedule"]), TimeZone: value.Text(state["time_zone"]), Paused: state["paused"] == true,
		AttemptDeadline: value.Text(state["attempt_deadline"]),
		RetryCount:      number(only(state["retry_config"])["retry_count"]),
		URI:             value.Text(target["uri"]), Method: value.Text(target["http_method"]),
		Body: string(body), Headers: texts(target["headers"]),
		OIDCServiceAccount: value.Text(oidc["service_account_email"]), OIDCAudience: value.Text(oidc["audience"]),
	})
}

// only gives the one element of a block that occurs at most once.
func only(blocks any) plan.Object {
	elements, _ := blocks.([]any)
	if len(elements) == 0 {
		return nil
	}
	object, _ := elements[0].(plan.Object)
	return object
}

func texts(v any) map[string]string {
	object, _ := v.(plan.Object)
	texts := make(map[string]string, len(object))
	for key, element := range object {
		texts[key] = value.Text(element)
	}
	return texts
}

func number(v any) int64 {
	float, ok := v.(*big.Float)
	if !ok {
		return 0
	}
	n, _ := float.Int64()
	return n
}
