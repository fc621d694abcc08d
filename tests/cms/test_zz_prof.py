import pytest, time, cProfile, pstats
from django.core.management import call_command
@pytest.mark.django_db
def test_prof(settings, tmp_path):
    settings.DEMO=True; settings.MEDIA_ROOT=tmp_path
    c=time.process_time(); w=time.time()
    call_command("demo")
    print("CPU", time.process_time()-c, "WALL", time.time()-w)
