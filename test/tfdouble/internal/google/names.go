package google

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// Names gives what the schemas' templates call
//
//	{provider.x}      an argument of the provider
//	{@now}            the time, RFC 3339
//	{@hash}           ten letters and digits, the same for the same resource
//	{@digits}         eighteen digits, the same for the same resource
//	{@project_number} the number of every project, 100000000000
//	{@labels}         labels with the provider's default ones and its own mark
//	{@annotations}    annotations; known when planning only if there are some
//	{@escaped x}      attribute x, escaped for a URL's path
//	{@last x}         what follows the last slash of attribute x
//	{@project x}      the project in attribute x, else the provider's
func (p *Provider) Names(name string, resource plan.Object) (any, bool) {
	if argument, found := strings.CutPrefix(name, "provider."); found {
		return p.argument(argument), true
	}
	function, argument, _ := strings.Cut(strings.TrimPrefix(name, "@"), " ")
	text := value.Text(resource[argument])
	switch function {
	case "now":
		return p.options.Now().UTC().Format(time.RFC3339Nano), true
	case "hash":
		sum := identity(resource)
		return hex.EncodeToString(sum[:])[:10], true
	case "digits":
		return digits(identity(resource), 18), true
	case "project_number":
		return projectNumber, true
	case "labels":
		return p.labels(resource["labels"]), true
	case "annotations":
		return resource["annotations"], true
	case "escaped":
		return url.PathEscape(text), true
	case "last":
		return text[strings.LastIndex(text, "/")+1:], true
	case "project":
		if parts := strings.Split(text, "/"); len(parts) > 1 && parts[0] == "projects" {
			return parts[1], true
		}
		return p.argument("project"), true
	}
	return nil, false
}

// projectNumber is the same for all projects, so that a configuration can
// name it before it has seen one.
const projectNumber = "100000000000"

// identifying are the attributes that tell one resource from another.
var identifying = []string{"project", "location", "region", "name", "secret_id", "secret", "account_id",
	"bucket", "role", "member", "service", "service_account_id", "display_name", "dashboard_json"}

func identity(resource plan.Object) [sha256.Size]byte {
	var parts []string
	for _, name := range identifying {
		parts = append(parts, name+"="+value.Text(resource[name]))
	}
	return sha256.Sum256([]byte(strings.Join(parts, "\n")))
}

func digits(sum [sha256.Size]byte, count int) string {
	text := fmt.Sprintf("%020d", binary.BigEndian.Uint64(sum[:8]))
	return "1" + text[len(text)-count+1:]
}

// attribution is the label the real provider puts on whatever it makes.
const attribution = "goog-terraform-provisioned"

// labels gives the labels as the real provider plans them; unknown when one of
// them is.
func (p *Provider) labels(own any) any {
	if value.HasUnknown(own) {
		return value.Unknown
	}
	all := plan.Object{}
	if p.argument("add_terraform_attribution_label") != false {
		all[attribution] = "true"
	}
	for _, labels := range []any{p.argument("default_labels"), own} {
		if labels, ok := labels.(plan.Object); ok {
			for key, v := range labels {
				all[key] = v
			}
		}
	}
	return all
}
