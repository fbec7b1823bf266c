package google

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flexsweep/flexsweep/test/tfdouble/applied"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// hinderFunction says which role is missing, or does not hold yet. Only accounts that Terraform made are looked at:
// Google's own have what they need.
func hinderFunction(p *Provider, state plan.Object) error {
	faults, err := applied.ReadFaults(p.options.Dir)
	if err != nil {
		return err
	}
	project := value.Text(state["project"])
	holds := func(email, role string, at ...string) bool {
		return !p.made(email) || slices.ContainsFunc(p.grants(), func(g grant) bool {
			return g.member == "serviceAccount:"+email && g.role == role && g.covers(at) && p.old(g.record, faults.RoleDelay())
		})
	}
	builder := last(value.Text(only(state["build_config"])["service_account"]))
	copied := fmt.Sprintf("gcf-v2-sources-%s-%s", projectNumber, value.Text(state["location"]))
	switch {
	case !holds(builder, "roles/logging.logWriter", project), !holds(builder, "roles/artifactregistry.writer", project):
		return fmt.Errorf("Error waiting to create function: Error code 3, message: Build failed with status: FAILURE. Could not build the "+
			"function due to a missing permission on the build service account %s", builder)
	case !holds(builder, "roles/storage.objectViewer", project, copied):
		return fmt.Errorf("Error waiting to create function: Error code 13, message: Build failed with status: FAILURE and message: failed "+
			"to Fetch: Access to bucket %s denied. You must grant Storage Object Viewer permission to %s", copied, builder)
	}
	service := only(state["service_config"])
	runner := value.Text(service["service_account_email"])
	secrets, _ := service["secret_environment_variables"].([]any)
	for _, secret := range secrets {
		block, _ := secret.(plan.Object)
		name := "projects/" + project + "/secrets/" + last(value.Text(block["secret"]))
		if !holds(runner, "roles/secretmanager.secretAccessor", name) {
			return fmt.Errorf("Error waiting to create function: Error code 3, message: Could not create or update Cloud Run service. "+
				"Permission denied on secret: %s for Revision service account %s", name, runner)
		}
	}
	return nil
}

// made reports whether Terraform made the account.
func (p *Provider) made(email string) bool {
	return slices.ContainsFunc(p.records("google_service_account"), func(kept record) bool {
		return value.Text(p.state(kept)["email"]) == email
	})
}

// grant is a role as it was given.
type grant struct {
	record
	member, role, resource string
	condition              string // of the grant, or ""
}

// covers reports whether the grant is on the first of these, or on a bucket that the second names: by itself, or by
// a condition that speaks of it. Conditions are not worked out beyond that.
func (g grant) covers(at []string) bool {
	if g.condition == "" {
		return slices.Contains(at, g.resource)
	}
	return len(at) > 1 && g.resource == at[0] && strings.Contains(g.condition, "/buckets/"+at[1])
}

// grants gives all roles that were given, whether they hold yet or not.
func (p *Provider) grants() []grant {
	var all []grant
	for _, kind := range []string{"google_project_iam_member", "google_storage_bucket_iam_member", "google_secret_manager_secret_iam_member"} {
		for _, kept := range p.records(kind) {
			state := p.state(kept)
			role, member := value.Text(state["role"]), value.Text(state["member"])
			all = append(all, grant{
				record: kept, member: member, role: role,
				resource:  strings.TrimPrefix(strings.TrimSuffix(kept.ID, "/"+role+"/"+member), "b/"),
				condition: value.Text(only(state["condition"])["expression"]),
			})
		}
	}
	return all
}
