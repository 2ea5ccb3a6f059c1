"""Addresses of the reports: 业务日报, the three lists, 客户分析; each page with its workbook."""

from django.urls import path

from guanxi.crm.scores.reports.views import books, daily, lists, structure, worth_keeping

app_name = "reports"
urlpatterns = [
    path("daily", daily.page, name="daily"),
    path("daily/file", daily.file, name="daily_file"),
    path("books", books.page, name="books"),
    path("worth-keeping", worth_keeping.page, name="worth_keeping"),
    path("large-changes", lists.page, {"code": "large_changes"}, name="large_changes"),
    path("large-changes/file", lists.file, {"code": "large_changes"}, name="large_changes_file"),
    path("maturities", lists.page, {"code": "maturities"}, name="maturities"),
    path("maturities/file", lists.file, {"code": "maturities"}, name="maturities_file"),
    path("near-lines", lists.page, {"code": "near_lines"}, name="near_lines"),
    path("near-lines/file", lists.file, {"code": "near_lines"}, name="near_lines_file"),
    path("structure", structure.page, name="structure"),
    path("structure/file", structure.file, name="structure_file"),
    path("structure/<slug:code>", structure.part, name="structure_part"),
]
