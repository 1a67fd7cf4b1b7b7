"""What a page asks of dispatch, put together from orders, catalogue and the process that plans an area: times that can
be served, why this worker, what another would mean, the plan of a day. Read only."""
