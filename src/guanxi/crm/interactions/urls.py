"""Addresses of the contact log and of promises."""

from django.urls import path

from guanxi.crm.interactions.views import imports, log, promises

app_name = "interactions"
urlpatterns = [
    path("customers/<uuid:uuid>/log", log.log, name="log"),
    path("form", log.shell, name="shell"),
    path("standing", log.standing, name="standing"),
    path("worker.js", log.worker, name="worker"),
    path("import", imports.bring, name="import"),
    path("promises", promises.promises, name="promises"),
    path("promises/<int:number>/keep", promises.keep, name="keep"),
    path("promises/<int:number>/withdraw", promises.withdraw, name="withdraw"),
]
