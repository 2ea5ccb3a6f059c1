"""Addresses of the desk: home, search, the customer list, the customer page, the product library."""

from django.urls import path

from guanxi.crm.desk.products import views as products
from guanxi.crm.desk.views import customer, customers, home, search

app_name = "desk"
urlpatterns = [
    path("", home.home, name="home"),
    path("overview", home.overview, name="overview"),
    path("search", search.search, name="search"),
    path("arrival", search.arrival, name="arrival"),
    path("customers/", customers.customers, name="customers"),
    path("customers/filter", customers.filter_customers, name="filter"),
    path("customers/count", customers.count, name="count"),
    path("customers/export", customers.export, name="export"),
    path("customers/views", customers.save, name="save_view"),
    path("customers/views/<int:view_id>/remove", customers.remove, name="remove_view"),
    path("customers/<uuid:uuid>/", customer.page, name="customer"),
    path("customers/<uuid:uuid>/rest", customer.rest, name="rest"),
    path("customers/<uuid:uuid>/timeline", customer.timeline, name="timeline"),
    path("products/", products.products, name="products"),
    path("products/<path:code>", products.product, name="product"),
]
