environment = "prod"
protected   = true
project_id  = "p"
