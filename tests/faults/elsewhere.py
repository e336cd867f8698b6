"""Which rows are proven by tests outside of this folder, and which do not apply?"""

from faults.catalogue import Row, declare

PROVEN = (
    Row(
        "S09",
        "a password with characters that an URL keeps for itself",
        "real recorder with digest auth; drawn passwords, ours and a real library's way of asking",
        "every printable password connects",
        "100 %",
        (
            "test_rtsp.py::test_any_printable_password_connects",
            "test_simulated_camera.py::test_any_printable_password_is_let_in",
            "test_sources.py::test_any_password_survives_the_url",
        ),
    ),
    Row(
        "P03",
        "a spill that is cut, zeroed or scribbled over",
        "each of these at every byte; lines in two folders; somebody else's folder",
        "each whole line before the damage, and those after it, are used",
        "100 %, never a traceback",
        (
            "test_spill.py::test_cut_zeroed_or_scribbled_over_at_any_byte_the_whole_lines_are_recovered",
            "test_spill.py::test_garbage_is_no_line",
            "test_history.py::test_any_altered_value_is_found_and_its_row_named",
            "test_history.py::test_a_flipped_byte_in_the_file_is_found",
        ),
    ),
    Row(
        "D03",
        "video fills the disk",
        "a simulated week of clips beside others that fill the disk; a disk of 2 MB that is full"
        " while a real recorder is tracked; killed while a clip is written, and cut off anywhere",
        "the oldest clips go; without room clips are lost, tracking goes on; a cut clip plays",
        "never above the limit by more than one clip; a playable file or none",
        (
            "test_clips.py::test_a_week_of_events_stays_within_the_limits_and_the_oldest_go",
            "test_clips.py::test_a_full_disk_costs_clips_until_there_is_room",
            "test_clips.py::test_what_was_left_by_a_kill_is_found_mended_and_told",
            "test_footage.py::test_a_film_that_was_cut_off_anywhere_plays_or_is_known_to_be_of_no_use",
            "test_clips_live.py::test_a_full_disk_stops_clips_and_not_tracking",
            "test_clips_live.py::test_killed_while_it_records_a_playable_file_is_left",
        ),
    ),
    Row(
        "N03",
        "429, 5xx, Retry-After, 4xx",
        "a scripted receiver",
        "tried again when it says, ever more slowly, or kept as a dead letter",
        "no tight loop, nothing lost",
        (
            "test_notifiers.py::test_what_may_pass_is_postponed",
            "test_sender.py::test_a_receiver_that_says_at_once_is_not_hammered",
            "test_sender.py::test_what_is_refused_is_given_up_and_told",
            "test_sender.py::test_pauses_grow_to_a_quarter_of_an_hour_and_are_spread",
        ),
    ),
    Row(
        "N04",
        "the answer is lost after the delivery",
        "a receiver that reads and closes; twelve senders at once",
        "the same message under the same key",
        "the receiver can drop every repeat",
        (
            "test_sender.py::test_an_answer_that_is_lost_makes_a_repeat_with_the_same_key",
            "test_gathering.py::test_a_message_that_was_tried_keeps_its_content_and_its_key",
            "test_gathering.py::test_twelve_senders_tell_a_real_receiver_of_a_dead_recorder_once",
        ),
    ),
    Row(
        "N08",
        "a signal that comes and goes",
        "every 5 to 130 s for 40 min, one camera and twelve of a recorder; simulated time",
        "one message in ten minutes, a first alert's all-clear besides",
        "<= 1 alert in 10 min, nothing left out",
        (
            "test_gathering.py::test_a_flapping_camera_is_told_once_in_ten_minutes",
            "test_gathering.py::test_a_flapping_recorder_of_twelve_is_told_like_one_camera",
            "test_gathering.py::test_whatever_happens_all_is_told_once_in_order_and_signals_seldom",
        ),
    ),
    Row(
        "C01",
        "a slip in the configuration",
        "drawn mutations of real files; each mistake by itself",
        "file, line, key and the nearest right one are told; other cameras run",
        "100 %, never a traceback",
        (
            "test_config_secrets.py::test_any_slip_of_the_keyboard_gives_a_config_and_named_problems",
            "test_config.py::test_a_mistake_is_one_line_and_costs_one_camera",
        ),
    ),
    Row(
        "S21",
        "the picture is frozen, the stream goes on",
        "real H.264 of drawn halls, the last picture encoded afresh or its key frame repeated, with"
        " and without a ticking clock, and over RTSP; live video of few bits besides",
        "no_signal (frozen), dated back; never a stop",
        "<= 60 s; live video never",
        (
            "test_blind_streams.py::test_a_frozen_picture_is_found_within_a_minute_and_nothing_else",
            "test_blind_streams.py::test_a_camera_on_the_network_that_freezes_is_found",
            "test_blind_streams.py::test_live_video_of_few_bits_is_neither",
        ),
    ),
    Row(
        "S22",
        'the recorder shows its own "no video" picture',
        "placards of several colours, with logo, clock and noise, in real H.264",
        "no_signal (placard)",
        "<= 30 s; dark halls never",
        (
            "test_blind_streams.py::test_a_placard_is_found_within_30_seconds_and_nothing_else",
            "test_blind_streams.py::test_live_video_of_few_bits_is_neither",
        ),
    ),
    Row(
        "S24",
        "the camera is knocked, turned, covered or out of focus",
        "drawn pictures, moved by 20 pixels, turned by 5 degrees, covered by 60 %, blurred;"
        " nights, lamps, shakes and passers-by besides",
        "no_signal (moved or covered), dated back; put back, it sees again",
        "<= 60 s; nothing else is called so",
        (
            "test_view.py::test_it_is_found_within_a_minute_and_dated_back",
            "test_view.py::test_a_camera_turned_by_five_degrees_has_moved",
            "test_view.py::test_a_camera_put_back_sees_again",
            "test_view.py::test_neither_night_nor_a_lamp_nor_exposure_covers_it",
            "test_view.py::test_a_shaking_camera_has_not_moved",
        ),
    ),
    Row(
        "S25",
        "a clock ticks in the area",
        "digits that change every second, in both states",
        "`init` warns",
        "100 %",
        ("test_doubts.py::test_a_clock_in_the_area_is_told",),
    ),
    Row(
        "P05",
        "two processes for one camera",
        "started twice; the holder killed, then started again",
        "the second ends with code 5 and names the first; a dead holder is in nobody's way",
        "1 writer",
        (
            "test_run.py::test_a_camera_is_tracked_once",
            "test_lock.py::test_another_process_holds_the_machine_while_it_lives",
            "test_lock.py::test_a_killed_holder_is_in_nobodys_way",
        ),
    ),
    Row(
        "P08",
        "a fork after OpenCV or PyAV was imported",
        "planted calls of os.fork and multiprocessing",
        "`scripts/check` refuses them: nothing forks",
        "0 forks",
        ("test_no_forks.py::test_nothing_forks",),
    ),
    Row(
        "P09",
        "a thread or a tracker hangs for good",
        "a library call that never returns, in a thread that reads and in the loop, alone and under"
        " pm2; a tracker without a heartbeat",
        "the thread is replaced after 20 s; a hung tracker says where, ends itself, and is started"
        " again; `status` tells of it meanwhile, and systemd is told no more",
        "<= 30 s for a thread; a tracker ends <= 35 s, and is tracked again <= 45 s",
        (
            "test_reader.py::test_a_thread_that_hangs_is_replaced",
            "test_status.py::test_a_tracker_that_hangs_cannot_either",
        ),
    ),
)

NOT_HERE = (
    Row(
        "D05",
        "Windows: a log is held open by another program",
        because="Windows cannot be run here",
    ),
    Row(
        "N05",
        "killed between the change and its message",
        because="P02 kills the sender too, and counts what was never sent",
    ),
    Row(
        "C02",
        "the configuration is changed while a tracker runs",
        because="it is read once, at the start",
    ),
)

for _row in (*PROVEN, *NOT_HERE):
    declare(_row)
