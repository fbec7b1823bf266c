environment = "dev"
protected   = false
project_id  = "p"
