"""The conformance suite: checks that every paradigm passes."""

from __future__ import annotations

from typing import Tuple

from . import _builds, _mixing, _requests
from ._kit import Check

#: Each is called with a `ParadigmKit` and raises AssertionError if the paradigm fails it.
CONFORMANCE: Tuple[Check, ...] = (
    Check(_requests.answers_what_a_handler_gives),
    Check(_requests.passes_path_parameters_decoded),
    Check(_requests.answers_methods_and_paths_that_are_not_there),
    Check(_requests.hands_over_the_body_within_its_limit),
    Check(_requests.answers_errors_and_tells_no_secret),
    Check(_requests.picks_the_most_specific_exception_handler),
    Check(_requests.keeps_concurrent_requests_apart),
    Check(_requests.forgets_the_state_of_a_request),
    Check(_requests.runs_blocking_handlers_beside_one_another, needs=("blocking",)),
    Check(_requests.runs_background_work_after_the_answer_in_its_context, needs=("background",)),
    Check(_requests.keeps_repeated_headers, needs=("headers",)),
    Check(_requests.refuses_forged_headers, needs=("headers",)),
    Check(_requests.streams_piece_by_piece, needs=("stream",)),
    Check(_requests.answers_an_early_stream_error_with_a_status, needs=("stream",)),
    Check(_requests.breaks_a_failing_stream_off, needs=("stream",)),
    Check(_requests.talks_over_websockets, needs=("websocket",)),
    Check(_requests.refuses_websockets_where_there_is_none),
    Check(_builds.takes_or_refuses_late_routes),
    Check(_builds.keeps_two_apps_apart),
    Check(_builds.calls_no_hook_while_it_serves),
    Check(_builds.runs_the_steps_of_other_plugins),
    Check(_builds.starts_and_stops_in_order),
    Check(_builds.shows_each_route_in_its_table),
    Check(_builds.builds_urls_by_name),
    Check(_builds.is_served_under_a_prefix),
    Check(_mixing.reports_unhandled_errors),
    Check(_mixing.keeps_the_body_that_a_plugin_needs),
    Check(_mixing.tells_observers_what_was_served),
    Check(_mixing.fills_parameters_by_other_plugins, needs=("inject",)),
    Check(_mixing.resolves_dependencies, needs=("inject",)),
    Check(_mixing.mixes_into_a_hybrid_app, needs=("mix",)),
    Check(_mixing.is_described_by_openapi, needs=("mix",)),
)
