"""Everything a client may choose from before it has a job."""

from __future__ import annotations

from typing import Any

import conductor
from conductor.lib.errors import ServiceError
from conductor.service import bundles, instance_filter, listing
from conductor.service.app import Call, endpoint
from conductor.service.identity import ACCOUNT
from conductor.service.jobs import ACTIONS, SET_PRIORITY

UPLOAD_BATCH = 2000
"""How many files a client best asks about at once."""


def projects(call: Call) -> tuple[int, Any]:
    """All active."""
    return 200, {"data": [
        {"id": "%s|%s" % (ACCOUNT, name), "name": name, "status": "active"}
        for name in call.service.farm.projects
    ]}


def packages(call: Call) -> tuple[int, Any]:
    """Every software package."""
    return 200, {"data": list(call.service.farm.packages)}


def instance_types(call: Call) -> tuple[int, Any]:
    """Every instance type that a ``filter`` lets through."""
    offers = [offer.to_payload() for offer in call.service.farm.instance_types]
    return 200, {"data": instance_filter.apply(call.query.get("filter", ""), offers)}


def account(call: Call) -> tuple[int, Any]:
    """The one account there is."""
    if call.path["account_id"] != ACCOUNT:
        raise ServiceError('there is no account "%s"' % call.path["account_id"], status=404)
    return 200, {"data": {"id": ACCOUNT, "name": ACCOUNT}}


def extra_environment(call: Call) -> tuple[int, Any]:
    """Variables that every job of the account should have, for its client to merge."""
    variables = [dict(variable) for variable in call.service.farm.environment]
    return 200, {"data": [{"account_id": ACCOUNT, "env": variables}]}


def capabilities(call: Call) -> tuple[int, Any]:
    """What this service offers beyond the vendor's protocol."""
    return 200, {"data": {
        "service": "conductor serve", "version": conductor.__version__,
        "idempotency_key": True, "force_upload": True, "actions": [*ACTIONS, SET_PRIORITY],
        "upload": "multipart", "upload_resume": True, "upload_batch": UPLOAD_BATCH,
        "upload_hand_back": True, "upload_bundle": bundles.LIMITS, "job_payload": True,
        "job_metadata_filter": True, "job_order": sorted(listing.JOB_FIELDS),
        "path_map": [list(rule) for rule in call.service.farm.path_map],
    }}


ROUTES = [
    endpoint("GET", "/api/v1/capabilities", capabilities),
    endpoint("GET", "/api/v1/projects", projects),
    endpoint("GET", "/api/v1/projects/", projects),
    endpoint("GET", "/api/v1/ee/packages", packages),
    endpoint("GET", "/api/v1/instance-types", instance_types),
    endpoint("GET", "/api/v1/accounts/{account_id}", account),
    endpoint("GET", "/api/v1/integrations/env-vars-configs", extra_environment),
]
