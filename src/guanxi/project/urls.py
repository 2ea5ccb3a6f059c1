"""Addresses: what belongs to no room, and each room under its own name."""

from django.conf import settings
from django.urls import include, path

from guanxi.crm.organisation import views as organisation
from guanxi.crm.organisation.access import for_everyone
from guanxi.project import health
from guanxi.web import style

urlpatterns = [
    path("health", health.health, name="health"),
    path("ready", health.ready, name="ready"),
    path("language", organisation.set_language, name="set_language"),
    path("", include("guanxi.crm.organisation.urls")),
    path("customers/", include("guanxi.crm.customers.urls")),
    path("customers/", include("guanxi.crm.scores.urls")),
    path("reports/", include("guanxi.crm.scores.reports_urls")),
    path("runs/", include("guanxi.crm.scores.runs_urls")),
    path("metrics/", include("guanxi.crm.scores.metrics_urls")),
    path("segments/", include("guanxi.crm.segments.urls")),
    path("", include("guanxi.crm.foresight.urls")),
    path("interactions/", include("guanxi.crm.interactions.urls")),
    path("worklist/", include("guanxi.crm.worklist.urls")),
    path("retention/", include("guanxi.crm.retention.urls")),
    path("visits/", include("guanxi.crm.visits.urls")),
    path("keeping/", include("guanxi.crm.keeping.urls")),
    path("leads/", include("guanxi.crm.leads.urls")),
    path("planning/", include("guanxi.crm.planning.urls")),
    path("care/", include("guanxi.crm.care.urls")),
    path("counter/", include("guanxi.crm.counter.urls")),
    path("behaviour/", include("guanxi.crm.behaviour.urls")),
    path("messaging/", include("guanxi.crm.messaging.urls")),
    path("campaigns/", include("guanxi.crm.campaigns.urls")),
    path("effects/", include("guanxi.crm.effects.urls")),
    path("surveys/", include("guanxi.crm.surveys.urls")),
    path("salons/", include("guanxi.crm.salons.urls")),
    path("analysis/", include("guanxi.crm.analysis.urls")),
    path("open/", include("guanxi.crm.openapi.urls")),
    path("performance/", include("guanxi.crm.performance.urls")),
    path("compliance/", include("guanxi.crm.compliance.urls")),
    path("exports/", include("guanxi.crm.exports.urls")),
    path("assessments/", include("guanxi.crm.assessments.urls")),
    path("processors/", include("guanxi.crm.processors.urls")),
    path("policies/", include("guanxi.crm.policies.urls")),
    path("lab/", include("guanxi.crm.lab.urls")),
    path("audit/", include("guanxi.crm.desk.trail_urls")),
    path("", include("guanxi.crm.desk.urls")),
]

if settings.DEBUG or settings.DEMO:
    urlpatterns.append(path("style", include(style.addresses(for_everyone))))

handler400 = "guanxi.web.errors.bad_request"
handler403 = "guanxi.web.errors.forbidden"
handler404 = "guanxi.web.errors.not_found"
handler500 = "guanxi.web.errors.server_error"
