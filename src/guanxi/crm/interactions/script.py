"""What the script of the contact queue is told by every page: who is signed in, where to send, the words it says."""

import json

from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone

from guanxi.crm.interactions import words
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.web.frame import Script


def script_for(request: ActingRequest) -> Script:
    """The queue's script with what it needs. `shift`: days between the clock and the bank's own today."""
    shift = (request.today - timezone.localtime(request.now).date()).days
    told = {
        "who": request.user.staff_no,
        "standing": reverse("interactions:standing"),
        "worker": reverse("interactions:worker"),
        "shell": reverse("interactions:shell"),
        "shift": shift,
        "words": words.for_script(),
    }
    return Script(static("interactions/log.js"), json.dumps(told, ensure_ascii=False))
